/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sha256.c - the examples of FIPS 180-4 (csrc.nist.gov, "SHA256.pdf"), at once and piece by piece. */
#include "tests/test.h"

#include "sim/base/sha256.h"

static void the_examples_of_the_standard_come_out(void **state)
{
    (void)state;
    char text[SHA256_TEXT];
    struct sha256 s = sha256_start();
    assert_string_equal(sha256_text(&s, text), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_add(&s, "abc", 3);
    assert_string_equal(sha256_text(&s, text), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for (size_t cut = 0; cut < sizeof two_blocks; cut++) {
        s = sha256_start();
        sha256_add(&s, two_blocks, cut);
        sha256_add(&s, two_blocks + cut, sizeof two_blocks - 1 - cut);
        assert_string_equal(sha256_text(&s, text), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
}

static void a_million_letters_in_odd_pieces(void **state)
{
    (void)state;
    char piece[997], text[SHA256_TEXT];
    struct sha256 s = sha256_start();
    memset(piece, 'a', sizeof piece);
    for (size_t left = 1000000; left > 0;) {
        size_t n = left < sizeof piece ? left : sizeof piece;
        sha256_add(&s, piece, n);
        left -= n;
    }
    assert_string_equal(sha256_text(&s, text), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard_come_out),
        cmocka_unit_test(a_million_letters_in_odd_pieces),
    };
    return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
