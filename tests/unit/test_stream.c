/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_stream.c - Philox against its published known answers (Random123, kat_vectors, philox4x32 10), and addressing. */
#include "tests/test.h"

#include "sim/base/stream.h"

static void known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], want[4];
    } row[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < LEN(row); i++) {
        uint32_t out[4];
        stream_block(row[i].counter, (struct stream_key){row[i].key[0], row[i].key[1]}, out);
        assert_memory_equal(out, row[i].want, sizeof out);
    }
}

static void a_filled_block_is_the_single_draws(void **state)
{
    (void)state;
    struct draw_at at = {{7, 3}, stream_entity("workloads.frame"), 12345, 0xfffffff0u - 500, DRAW_INPUT, 2};
    double even[131], odd[131];
    draw_fill_pair(&at, LEN(even), even, odd);
    for (size_t i = 0; i < LEN(even); i++) {
        struct draw_at one = at;
        one.index += i;
        assert_true(even[i] == draw_uniform(&one, 0));
        one.purpose = DRAW_WORK;
        assert_true(odd[i] == draw_uniform(&one, 0));
    }
}

static void every_part_of_the_address_moves_the_draw(void **state)
{
    (void)state;
    const struct draw_at base = {{1, 0}, 99, 5, 1000, DRAW_NOISE, 0};
    struct draw_at other[] = {base, base, base, base, base, base, base, base};
    other[0].key.seed++, other[1].key.replication++, other[2].entity++, other[3].member++;
    other[4].index++, other[5].index += (uint64_t)1 << 32, other[6].purpose++, other[7].attempt++;
    for (size_t i = 0; i < LEN(other); i++) {
        for (uint32_t j = 0; j < 4; j++) {
            assert_true(draw_uniform(&base, j) != draw_uniform(&other[i], j));
        }
    }
    assert_true(draw_uniform(&base, 0) != draw_uniform(&base, 1) && draw_uniform(&base, 1) != draw_uniform(&base, 2));
}

static void the_gsl_generator_walks_the_published_sequence(void **state)
{
    (void)state;
    gsl_rng *r = gsl_rng_alloc(stream_gsl_philox);
    gsl_rng_set(r, 0);
    assert_int_equal(gsl_rng_get(r), 0x6627e8d5);
    assert_int_equal(gsl_rng_get(r), 0xe169c58d);
    struct draw_at at = {{1, 0}, 99, 5, 1000, DRAW_USER, 0};
    stream_gsl_at(r, &at);
    for (uint32_t j = 1; j < 200; j++) {
        assert_true(gsl_rng_uniform(r) == draw_uniform(&at, j));
    }
    gsl_rng_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(a_filled_block_is_the_single_draws),
        cmocka_unit_test(every_part_of_the_address_moves_the_draw),
        cmocka_unit_test(the_gsl_generator_walks_the_published_sequence),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
