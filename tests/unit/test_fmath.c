/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_fmath.c - the bounds that fmath.h states, against long double (64-bit significands, so that the reference adds
 * at most a thousandth of an ulp), and the same bits from unoptimised code, from every vector width and from fused
 * multiply-add machines.
 */
#include "tests/test.h"

#include <stdlib.h>
#include <tiersim/math.h>

#include "sim/base/fmath.h"
#include "sim/base/stream.h"

/* The same source once more under other names, not optimised and not vectorised: plain_ts_log and so on. */
#define RENAMED(X) plain_##X
#define fmath_bits RENAMED(fmath_bits)
#define fmath_double RENAMED(fmath_double)
#define fmath_whole RENAMED(fmath_whole)
#define fmath_log_series RENAMED(fmath_log_series)
#define fmath_log_reduced RENAMED(fmath_log_reduced)
#define fmath_parts RENAMED(fmath_parts)
#define fmath_split RENAMED(fmath_split)
#define fmath_exp_series RENAMED(fmath_exp_series)
#define fmath_turns RENAMED(fmath_turns)
#define fmath_exp_reduce RENAMED(fmath_exp_reduce)
#define fmath_exp_sum RENAMED(fmath_exp_sum)
#define ts_log RENAMED(ts_log)
#define ts_exp RENAMED(ts_exp)
#define ts_log1p RENAMED(ts_log1p)
#define ts_expm1 RENAMED(ts_expm1)
#define ts_pow RENAMED(ts_pow)
#define ts_sin RENAMED(ts_sin)
#define ts_cos RENAMED(ts_cos)
#define ts_lgamma RENAMED(ts_lgamma)
#define ts_probit RENAMED(ts_probit)
#define ts_probit_inverse RENAMED(ts_probit_inverse)
#define ts_log_fill RENAMED(ts_log_fill)
#define ts_exp_fill RENAMED(ts_exp_fill)
#define ts_probit_fill RENAMED(ts_probit_fill)
#undef SIM_BASE_FMATH_H
#undef FMATH_INLINE
#undef FMATH_WIDE
#undef FMATH_LN2_HI
#undef FMATH_LN2_LO
#ifdef __clang__
#pragma clang optimize off
#else
#pragma GCC push_options
#pragma GCC optimize("O0")
#endif
#include "sim/base/fmath.c"
#ifdef __clang__
#pragma clang optimize on
#else
#pragma GCC pop_options
#endif
#undef fmath_bits
#undef fmath_double
#undef fmath_whole
#undef fmath_log_series
#undef fmath_log_reduced
#undef fmath_parts
#undef fmath_split
#undef fmath_exp_series
#undef fmath_turns
#undef fmath_exp_reduce
#undef fmath_exp_sum
#undef ts_log
#undef ts_exp
#undef ts_log1p
#undef ts_expm1
#undef ts_pow
#undef ts_sin
#undef ts_cos
#undef ts_lgamma
#undef ts_probit
#undef ts_probit_inverse
#undef ts_log_fill
#undef ts_exp_fill
#undef ts_probit_fill

enum { N = 350000 }; /* three or four arguments of each function for each */

/* Uniform i of kind j, for arguments. */
static double uniform(uint64_t i, uint32_t j)
{
    struct draw_at at = {{2024, 0}, 1, 0, i, DRAW_USER, 0};
    return draw_uniform(&at, j);
}

/* A double with any exponent of [low, high), each as likely. */
static double any_size(uint64_t i, int low, int high)
{
    return ldexp(1.0 + uniform(i, 1), low + (int)(uniform(i, 2) * (high - low)));
}

/* Distance of got from want in units in the last place of a double near want. */
static double ulps(double got, long double want)
{
    if (isnan(got) || isnan(want)) {
        return isnan(got) && isnan(want) ? 0.0 : INFINITY;
    }
    if (isinf(got)) {
        return (double)want == got ? 0.0 : INFINITY;
    }
    int exponent;
    frexpl(want, &exponent);
    int last = exponent - 53 < -1074 ? -1074 : exponent - 53;
    return (double)(fabsl((long double)got - want) / ldexpl(1.0L, last));
}

struct worst {
    double ulps, x, y;
};

static void note(struct worst *w, double got, long double want, double x, double y)
{
    double u = ulps(got, want);
    if (!(u <= w->ulps)) {
        *w = (struct worst){u, x, y};
    }
}

static void within(const char *name, struct worst w, double bound)
{
    printf("%s: %.3f ulp at (%a, %a)\n", name, w.ulps, w.x, w.y);
    if (!(w.ulps <= bound)) {
        fail_msg("%s: %.3f ulp at (%a, %a), wanted at most %g", name, w.ulps, w.x, w.y, bound);
    }
}

static void log_is_within_its_bound(void **state)
{
    (void)state;
    struct worst all = {0}, near = {0}, one = {0};
    for (uint64_t i = 0; i < N; i++) {
        double x = any_size(i, -1074, 1024), y = 0.5 + 1.5 * uniform(i, 3), u = uniform(i, 5);
        note(&all, ts_log(x), logl(x), x, 0);
        note(&all, ts_log(u), logl(u), u, 0);
        note(&near, ts_log(y), logl(y), y, 0);
        double z = i % 2 ? ldexp(u, -(int)(i % 60)) : -1.0 + y;
        note(&one, ts_log1p(x), log1pl(x), x, 0);
        note(&one, ts_log1p(z), log1pl(z), z, 0);
        z = -uniform(i, 4);
        note(&one, ts_log1p(z), log1pl(z), z, 0);
    }
    within("log, any size", all, 0.90);
    within("log, near 1", near, 0.90);
    within("log1p", one, 0.90);
}

static void exp_is_within_its_bound(void **state)
{
    (void)state;
    struct worst all = {0}, low = {0}, minus = {0};
    for (uint64_t i = 0; i < N; i++) {
        double x = -708.0 + 1417.7 * uniform(i, 1), s = -746.0 + 38.0 * uniform(i, 2), m = -3.0 + 6.0 * uniform(i, 3);
        note(&all, ts_exp(x), expl(x), x, 0);
        note(&low, ts_exp(s), expl(s), s, 0);
        note(&minus, ts_expm1(m), expm1l(m), m, 0);
        m = (i % 2 ? 1.0 : -1.0) * any_size(i, -1074, 10);
        note(&minus, ts_expm1(m), expm1l(m), m, 0);
    }
    within("exp", all, 0.70);
    within("exp, subnormal", low, 1.0);
    within("expm1", minus, 1.10);
}

static void pow_is_within_its_bound(void **state)
{
    (void)state;
    struct worst all = {0}, usual = {0}, low = {0};
    for (uint64_t i = 0; i < N; i++) {
        double x = any_size(i, -1074, 1024), l = (double)logl(x);
        double y = (-708.0 + 1417.0 * uniform(i, 3)) / l;
        note(&all, ts_pow(x, y), powl(x, y), x, y);
        x = 0.5 + uniform(i, 4), y = (-708.0 + 1417.0 * uniform(i, 5)) / (double)logl(x);
        note(&all, ts_pow(x, y), powl(x, y), x, y);
        x = 10.0 * uniform(i, 6), y = -10.0 + 20.0 * uniform(i, 7);
        note(&usual, ts_pow(x, y), powl(x, y), x, y);
        y = (-745.0 + 37.0 * uniform(i, 8)) / (double)logl(x);
        note(&low, ts_pow(x, y), powl(x, y), x, y);
    }
    within("pow", all, 0.80);
    within("pow, usual", usual, 0.70);
    within("pow, subnormal", low, 1.0);
}

static void sin_and_cos_are_within_their_bound(void **state)
{
    (void)state;
    struct worst near = {0}, far = {0}, zero = {0};
    for (uint64_t i = 0; i < N; i++) {
        double x = -20.0 + 40.0 * uniform(i, 1), y = any_size(i, -1074, 1024);
        note(&near, ts_sin(x), sinl(x), x, 0);
        note(&near, ts_cos(x), cosl(x), x, 0);
        note(&far, ts_sin(y), sinl(y), y, 0);
        note(&far, ts_cos(y), cosl(y), y, 0);
        double z = (double)(1 + i) * 1.5707963267948966;
        note(&zero, ts_sin(z), sinl(z), z, 0);
        note(&zero, ts_cos(z), cosl(z), z, 0);
    }
    within("sin and cos, small", near, 0.90);
    within("sin and cos, any size", far, 0.90);
    within("sin and cos, near their zeros", zero, 0.90);
    /* The double nearest to a multiple of pi/2 (Kahan; Muller, Elementary Functions, 3rd ed., table 11.1). */
    double hardest = 6381956970095103.0 * 0x1p797;
    assert_near(ts_cos(hardest), -4.68716592425462761112e-19, 2e-16, 0);
}

/* Of x with error dx the probability is wrong by phi(x) dx. */
static void probit_is_within_its_bound(void **state)
{
    (void)state;
    double worst = 0;
    for (uint64_t i = 0; i < N; i++) {
        double p = i % 2 ? uniform(i, 1) : any_size(i, -1074, -1), x = ts_probit(p);
        long double beyond = p < 0.5 ? p : 1.0L - p, size = fabsl((long double)x);
        long double density = 0.398942280401432677939946L * expl(-0.5L * size * size);
        long double error = (0.5L * erfcl(size * 0.707106781186547524400844L) - beyond) / density / size;
        if (p > 1e-300 && size > 1e-3L && fabsl(error) > worst) {
            worst = (double)fabsl(error);
        }
    }
    printf("probit: %g\n", worst);
    assert_true(worst < 1.5e-15);
    assert_true(ts_probit(0.5) == 0.0);
    assert_near(ts_probit(0.975), 1.959963984540054, 4e-16, 0);
    for (double x = -37.0; x < 8.0; x += 0.37) {
        double p = ts_probit_inverse(x);
        assert_true(ts_probit(p) >= x && ts_probit(nextafter(p, 0.0)) < x);
    }
}

static void lgamma_is_within_its_bound(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        double x = i % 2 ? 30.0 * uniform(i, 1) : any_size(i, -1000, 900);
        assert_near(ts_lgamma(x), (double)lgammal(x), 0x1p-51, 3e-14);
    }
    assert_true(isnan(ts_lgamma(0.0)) && isnan(ts_lgamma(-1.5)) && isnan(ts_lgamma(NAN)) && isinf(ts_lgamma(INFINITY)));
}

static void special_values_are_those_of_annex_f(void **state)
{
    (void)state;
    static const double x[] = {0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, INFINITY, -INFINITY, NAN, 0x1p-1074,
                               -0x1p-1074, 0x1.fffffffffffffp1023, -0x1.fffffffffffffp1023, 0x1p-1022, 1e300, 1e-300,
                               -1e300, 0x1p53, 0x1p53 - 1.0, -0x1p53 + 1.0, 1.5, -1.5, 746.0, -746.0, 1e-20, -1e-20,
                               0x1.fffffffffffffp-1, 0x1.0000000000001p0};
    struct {
        const char *name;
        double (*ours)(double);
        long double (*theirs)(long double);
    } f[] = {{"log1p", ts_log1p, log1pl}, {"expm1", ts_expm1, expm1l}, {"sin", ts_sin, sinl}, {"cos", ts_cos, cosl}};
    for (size_t i = 0; i < LEN(x); i++) {
        assert_true(ulps(ts_log(x[i]), logl(x[i])) < 1 && ulps(ts_exp(x[i]), expl(x[i])) < 1);
        for (size_t k = 0; k < LEN(f); k++) {
            double got = f[k].ours(x[i]), want = (double)f[k].theirs(x[i]);
            if (!(ulps(got, f[k].theirs(x[i])) < 1 && (got != got || signbit(got) == signbit(want)))) {
                fail_msg("%s(%a) = %a, wanted %a", f[k].name, x[i], got, want);
            }
        }
        for (size_t j = 0; j < LEN(x); j++) {
            double got = ts_pow(x[i], x[j]), want = (double)powl(x[i], x[j]);
            if (!(ulps(got, want) <= 1 && (got != got || signbit(got) == signbit(want)))) {
                fail_msg("pow(%a, %a) = %a, wanted %a", x[i], x[j], got, want);
            }
        }
    }
    assert_true(ts_probit(0.0) == -INFINITY && ts_probit(1.0) == INFINITY && isnan(ts_probit(-0.1)));
    assert_true(isnan(ts_probit(1.1)) && isnan(ts_probit(NAN)));
    /* Whichever operand the NaN came from, its bits are the same. */
    uint64_t nan_bits = fmath_bits((double)NAN);
    double other = fmath_double(0xfff8000000000123u);
    assert_true(fmath_bits(ts_log(other)) == nan_bits && fmath_bits(ts_exp(other)) == nan_bits);
    assert_true(fmath_bits(ts_pow(other, 2.0)) == nan_bits && fmath_bits(ts_sin(other)) == nan_bits);
    assert_true(fmath_bits(ts_log(-1.0)) == nan_bits && fmath_bits(ts_log1p(other)) == nan_bits);
}

static uint64_t fold(uint64_t digest, double x)
{
    return (digest ^ fmath_bits(x)) * 0x9E3779B97F4A7C15u + (digest >> 29);
}

#define DIGEST(name, P)                                                                     \
    static uint64_t name(void)                                                              \
    {                                                                                       \
        uint64_t d = 0;                                                                     \
        for (uint64_t i = 0; i < 200000; i++) {                                             \
            double u = uniform(i, 1), x = any_size(i, -1074, 1024), v = 60.0 * u - 30.0;    \
            d = fold(fold(fold(d, P##ts_log(u)), P##ts_log(x)), P##ts_exp(v));              \
            d = fold(fold(fold(d, P##ts_log1p(-u)), P##ts_expm1(v)), P##ts_probit(u));      \
            d = fold(fold(fold(d, P##ts_sin(x)), P##ts_cos(v)), P##ts_pow(x, v));           \
            d = fold(fold(fold(d, P##ts_pow(u, v)), P##ts_exp(25.0 * v)), P##ts_probit(x)); \
            d = fold(fold(d, P##ts_lgamma(x)), P##ts_sin(v));                               \
        }                                                                                   \
        return d;                                                                           \
    }
DIGEST(digest_built, )
DIGEST(digest_plain, plain_)

static void unoptimised_code_gives_the_same_bits(void **state)
{
    (void)state;
    uint64_t built = digest_built(), plain = digest_plain();
    printf("fmath digest %016llx\n", (unsigned long long)built);
    assert_true(built == plain);
}

#if defined(__x86_64__) && !defined(__clang__)
#define LOOPS(name, ...)                                                                       \
    __attribute__((__VA_ARGS__)) static void loop_##name(const double *x, double *l, double *e) \
    {                                                                                          \
        for (size_t i = 0; i < N; i++) {                                                       \
            l[i] = ts_log(x[i]);                                                               \
            e[i] = ts_exp(x[i]);                                                               \
        }                                                                                      \
    }
LOOPS(base, optimize("O3", "no-trapping-math"))
LOOPS(avx2, target("avx2,fma"), optimize("O3", "no-trapping-math"))
LOOPS(avx512, target("avx512f,avx512dq,avx512vl,fma"), optimize("O3", "no-trapping-math"))
#endif

static void every_vector_width_gives_the_same_bits(void **state)
{
    (void)state;
    double *x = malloc(N * sizeof *x), *l = malloc(N * sizeof *l), *e = malloc(N * sizeof *e);
    double *p = malloc(N * sizeof *p);
    for (uint64_t i = 0; i < N; i++) {
        x[i] = i % 3 == 0 ? any_size(i, -1074, 1024) : i % 3 == 1 ? uniform(i, 3) : -800.0 + 1600.0 * uniform(i, 4);
    }
    x[0] = 0.0, x[1] = -0.0, x[2] = INFINITY, x[3] = -INFINITY, x[4] = NAN, x[5] = -NAN, x[6] = 1.0;
    ts_log_fill(x, l, N);
    ts_exp_fill(x, e, N);
    ts_probit_fill(x, p, N);
    for (size_t i = 0; i < N; i++) {
        assert_true(fmath_bits(l[i]) == fmath_bits(ts_log(x[i])) && fmath_bits(e[i]) == fmath_bits(ts_exp(x[i])));
        assert_true(fmath_bits(p[i]) == fmath_bits(ts_probit(x[i])));
    }
#if defined(__x86_64__) && !defined(__clang__)
    void (*loop[])(const double *, double *, double *) = {
        loop_base,
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? loop_avx2 : loop_base,
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") ? loop_avx512 : loop_base,
    };
    double *l2 = malloc(N * sizeof *l2), *e2 = malloc(N * sizeof *e2);
    for (size_t w = 0; w < LEN(loop); w++) {
        loop[w](x, l2, e2);
        assert_true(memcmp(l, l2, N * sizeof *l) == 0 && memcmp(e, e2, N * sizeof *e) == 0);
    }
    free(l2), free(e2);
#endif
    ts_probit_fill(x, x, 1000);
    assert_memory_equal(x, p, 1000 * sizeof *x);
    free(x), free(l), free(e), free(p);
}

static void policies_have_the_same_functions(void **state)
{
    (void)state;
    for (int i = 1; i < 1000; i++) {
        double p = i / 1000.0;
        assert_true(ts_math_log(p) == ts_log(p) && ts_math_exp(p) == ts_exp(p) &&
                    ts_math_expm1(p) == ts_expm1(p) && ts_math_normal(p) == ts_probit(p));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_is_within_its_bound),
        cmocka_unit_test(exp_is_within_its_bound),
        cmocka_unit_test(pow_is_within_its_bound),
        cmocka_unit_test(sin_and_cos_are_within_their_bound),
        cmocka_unit_test(probit_is_within_its_bound),
        cmocka_unit_test(lgamma_is_within_its_bound),
        cmocka_unit_test(special_values_are_those_of_annex_f),
        cmocka_unit_test(unoptimised_code_gives_the_same_bits),
        cmocka_unit_test(every_vector_width_gives_the_same_bits),
        cmocka_unit_test(policies_have_the_same_functions),
    };
    return cmocka_run_group_tests_name("fmath", tests, NULL, NULL);
}
