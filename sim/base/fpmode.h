/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fpmode.h - how this thread's processor rounds, and whether it takes tiny numbers for zero.  A shared object that was
 * built with -ffast-math changes it for whoever loads it, and a result with it; a replication runs in FPMODE_STANDARD:
 * to nearest, tiny numbers kept, as IEEE 754 has it and as a program starts.
 */
#ifndef SIM_BASE_FPMODE_H
#define SIM_BASE_FPMODE_H

#include <stdint.h>

#define FPMODE_STANDARD 0u

#if defined(__x86_64__)

#define FPMODE_BITS 0xE040u /* of MXCSR: flush to zero, rounding, denormals are zeros */

static inline uint32_t fpmode_get(void)
{
    return __builtin_ia32_stmxcsr() & FPMODE_BITS;
}
static inline void fpmode_set(uint32_t mode)
{
    __builtin_ia32_ldmxcsr((__builtin_ia32_stmxcsr() & ~FPMODE_BITS) | mode);
}

#elif defined(__aarch64__)

#define FPMODE_BITS 0x1C80000u /* of FPCR: flush to zero, rounding, flush halves to zero */

static inline uint32_t fpmode_get(void)
{
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    return (uint32_t)fpcr & FPMODE_BITS;
}
static inline void fpmode_set(uint32_t mode)
{
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    fpcr = (fpcr & ~(uint64_t)FPMODE_BITS) | mode;
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr));
}

#else

#include <fenv.h>

static inline uint32_t fpmode_get(void)
{
    return (uint32_t)(fegetround() ^ FE_TONEAREST);
}
static inline void fpmode_set(uint32_t mode)
{
    fesetround((int)mode ^ FE_TONEAREST);
}

#endif
#endif
