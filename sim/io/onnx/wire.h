/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire.h - are these bytes a message of protocol buffers, of the type that protoc-c describes?  protobuf-c unpacks what is
 * sound, but of the rest says only that it is not, goes as deep as the bytes want, and copies lists anew for each message
 * that comes twice.  So this goes before it: nothing is kept, and of messages only their fields are gone through, so that
 * weights are passed over in no time.  What it lets through, protobuf-c takes, unless memory is out.
 * Source: protobuf.dev, "Encoding".
 */
#ifndef SIM_IO_ONNX_WIRE_H
#define SIM_IO_ONNX_WIRE_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum {
    WIRE_DEPTH = 64,        /* of messages in messages */
    WIRE_FIELDS = 10000000, /* in all of them */
};

/* 0, or ERR_INPUT: at which byte what is found, and what was wanted. */
int wire_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t n, const char *path, struct err *e);

#endif
