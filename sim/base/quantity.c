/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/quantity.h"

#include <ctype.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/text.h"

enum { DIGITS_LENGTH = 80, UNIT_LENGTH = 15 };

static const struct {
    const char *name, *example, *si;
} dimension_table[N_DIMENSION] = {
    [DIM_NUMBER] = {"a number", "0.4 (or 40 %)", ""},
    [DIM_TIME] = {"a time", "20 ms", "s"},
    [DIM_DATA] = {"an amount of data", "120 kB (or 960 kbit)", "bit"},
    [DIM_RATE] = {"a data rate", "100 Mbit/s (or 12.5 MB/s)", "bit/s"},
    [DIM_WORK] = {"an amount of work", "12 GFLOP", "FLOP"},
    [DIM_SPEED] = {"a speed", "50 GFLOP/s", "FLOP/s"},
    [DIM_POWER] = {"a power", "5 W", "W"},
    [DIM_ENERGY] = {"an energy", "2.5 J", "J"},
    [DIM_BIT_ENERGY] = {"an energy per bit", "40 nJ/bit", "J/bit"},
    [DIM_FREQUENCY] = {"a frequency", "2.5 /s", "/s"},
    [DIM_TIME_PRICE] = {"a price of time", "1.20 USD/h", "USD/s"},
    [DIM_DATA_PRICE] = {"a price of data", "0.02 USD/GB", "USD/bit"},
    [DIM_MONEY] = {"an amount of money", "0.01 USD", "USD"},
};

/* clang-format off */
const struct unit unit_table[] = {
    {"%", DIM_NUMBER, -2, 1, 1},
    {"ns", DIM_TIME, -9, 1, 1}, {"us", DIM_TIME, -6, 1, 1}, {"ms", DIM_TIME, -3, 1, 1}, {"s", DIM_TIME, 0, 1, 1},
    {"min", DIM_TIME, 0, 60, 1}, {"h", DIM_TIME, 0, 3600, 1}, {"d", DIM_TIME, 0, 86400, 1},
    {"bit", DIM_DATA, 0, 1, 1}, {"kbit", DIM_DATA, 3, 1, 1}, {"Mbit", DIM_DATA, 6, 1, 1}, {"Gbit", DIM_DATA, 9, 1, 1},
    {"Tbit", DIM_DATA, 12, 1, 1},
    {"B", DIM_DATA, 0, 8, 1}, {"kB", DIM_DATA, 3, 8, 1}, {"MB", DIM_DATA, 6, 8, 1}, {"GB", DIM_DATA, 9, 8, 1},
    {"TB", DIM_DATA, 12, 8, 1},
    {"KiB", DIM_DATA, 0, 0x1p13, 1}, {"MiB", DIM_DATA, 0, 0x1p23, 1}, {"GiB", DIM_DATA, 0, 0x1p33, 1},
    {"TiB", DIM_DATA, 0, 0x1p43, 1},
    {"bit/s", DIM_RATE, 0, 1, 1}, {"kbit/s", DIM_RATE, 3, 1, 1}, {"Mbit/s", DIM_RATE, 6, 1, 1},
    {"Gbit/s", DIM_RATE, 9, 1, 1}, {"Tbit/s", DIM_RATE, 12, 1, 1},
    {"bps", DIM_RATE, 0, 1, 1}, {"kbps", DIM_RATE, 3, 1, 1}, {"Mbps", DIM_RATE, 6, 1, 1}, {"Gbps", DIM_RATE, 9, 1, 1},
    {"Tbps", DIM_RATE, 12, 1, 1},
    {"B/s", DIM_RATE, 0, 8, 1}, {"kB/s", DIM_RATE, 3, 8, 1}, {"MB/s", DIM_RATE, 6, 8, 1}, {"GB/s", DIM_RATE, 9, 8, 1},
    {"TB/s", DIM_RATE, 12, 8, 1},
    {"KiB/s", DIM_RATE, 0, 0x1p13, 1}, {"MiB/s", DIM_RATE, 0, 0x1p23, 1}, {"GiB/s", DIM_RATE, 0, 0x1p33, 1},
    {"FLOP", DIM_WORK, 0, 1, 1}, {"kFLOP", DIM_WORK, 3, 1, 1}, {"MFLOP", DIM_WORK, 6, 1, 1},
    {"GFLOP", DIM_WORK, 9, 1, 1}, {"TFLOP", DIM_WORK, 12, 1, 1}, {"PFLOP", DIM_WORK, 15, 1, 1},
    {"EFLOP", DIM_WORK, 18, 1, 1},
    {"FLOP/s", DIM_SPEED, 0, 1, 1}, {"kFLOP/s", DIM_SPEED, 3, 1, 1}, {"MFLOP/s", DIM_SPEED, 6, 1, 1},
    {"GFLOP/s", DIM_SPEED, 9, 1, 1}, {"TFLOP/s", DIM_SPEED, 12, 1, 1}, {"PFLOP/s", DIM_SPEED, 15, 1, 1},
    {"EFLOP/s", DIM_SPEED, 18, 1, 1},
    {"uW", DIM_POWER, -6, 1, 1}, {"mW", DIM_POWER, -3, 1, 1}, {"W", DIM_POWER, 0, 1, 1}, {"kW", DIM_POWER, 3, 1, 1},
    {"MW", DIM_POWER, 6, 1, 1},
    {"uJ", DIM_ENERGY, -6, 1, 1}, {"mJ", DIM_ENERGY, -3, 1, 1}, {"J", DIM_ENERGY, 0, 1, 1}, {"kJ", DIM_ENERGY, 3, 1, 1},
    {"Wh", DIM_ENERGY, 0, 3600, 1}, {"MJ", DIM_ENERGY, 6, 1, 1}, {"kWh", DIM_ENERGY, 3, 3600, 1},
    {"pJ/bit", DIM_BIT_ENERGY, -12, 1, 1}, {"nJ/bit", DIM_BIT_ENERGY, -9, 1, 1}, {"uJ/bit", DIM_BIT_ENERGY, -6, 1, 1},
    {"mJ/bit", DIM_BIT_ENERGY, -3, 1, 1}, {"J/bit", DIM_BIT_ENERGY, 0, 1, 1},
    {"nJ/B", DIM_BIT_ENERGY, -9, 1, 8}, {"uJ/B", DIM_BIT_ENERGY, -6, 1, 8}, {"mJ/B", DIM_BIT_ENERGY, -3, 1, 8},
    {"J/B", DIM_BIT_ENERGY, 0, 1, 8}, {"J/MB", DIM_BIT_ENERGY, -6, 1, 8}, {"J/GB", DIM_BIT_ENERGY, -9, 1, 8},
    {"kWh/GB", DIM_BIT_ENERGY, -4, 36, 8},
    {"/d", DIM_FREQUENCY, 0, 1, 86400}, {"/h", DIM_FREQUENCY, 0, 1, 3600}, {"/min", DIM_FREQUENCY, 0, 1, 60},
    {"/s", DIM_FREQUENCY, 0, 1, 1}, {"/ms", DIM_FREQUENCY, 3, 1, 1}, {"Hz", DIM_FREQUENCY, 0, 1, 1},
    {"kHz", DIM_FREQUENCY, 3, 1, 1}, {"MHz", DIM_FREQUENCY, 6, 1, 1}, {"GHz", DIM_FREQUENCY, 9, 1, 1},
    {"USD/d", DIM_TIME_PRICE, 0, 1, 86400}, {"USD/h", DIM_TIME_PRICE, 0, 1, 3600},
    {"USD/min", DIM_TIME_PRICE, 0, 1, 60}, {"USD/s", DIM_TIME_PRICE, 0, 1, 1},
    {"USD/TB", DIM_DATA_PRICE, -12, 1, 8}, {"USD/GB", DIM_DATA_PRICE, -9, 1, 8}, {"USD/MB", DIM_DATA_PRICE, -6, 1, 8},
    {"USD/GiB", DIM_DATA_PRICE, 0, 1, 0x1p33}, {"USD/bit", DIM_DATA_PRICE, 0, 1, 1},
    {"USD", DIM_MONEY, 0, 1, 1},
    {0},
};
/* clang-format on */

const char *dimension_name(enum dimension d)
{
    return dimension_table[d].name;
}

const char *dimension_example(enum dimension d)
{
    return dimension_table[d].example;
}

const char *dimension_si(enum dimension d)
{
    return dimension_table[d].si;
}

static size_t count_digits(const char *s, const char *end)
{
    size_t n = 0;
    while (s + n < end && isdigit((unsigned char)s[n])) {
        n++;
    }
    return n;
}

/*
 * The decimal number at the start of text[n]: *mantissa bytes of sign, digits and dot, then perhaps an exponent.
 * Returns the bytes of it all; 0 if there is none.
 */
static size_t scan_number(const char *text, size_t n, size_t *mantissa, long *exponent)
{
    const char *s = text, *end = text + n;
    s += s < end && (*s == '+' || *s == '-');
    size_t whole = count_digits(s, end), fraction = 0;
    s += whole;
    if (s < end && *s == '.') {
        fraction = count_digits(s + 1, end);
        s += 1 + fraction;
    }
    if (whole + fraction == 0) {
        return 0;
    }
    *mantissa = (size_t)(s - text);
    *exponent = 0;
    if (s < end && (*s == 'e' || *s == 'E')) {
        const char *digits = s + 1;
        digits += digits < end && (*digits == '+' || *digits == '-');
        size_t k = count_digits(digits, end);
        if (k > 0) {
            for (size_t i = 0; i < k && *exponent < 100000; i++) {
                *exponent = 10 * *exponent + (digits[i] - '0');
            }
            *exponent = digits[-1] == '-' ? -*exponent : *exponent;
            s = digits + k;
        }
    }
    return (size_t)(s - text);
}

/* mantissa[n] * 10^exponent, rounded once; -1 where a double is too small or too large for it. */
static int make_number(const char *mantissa, size_t n, long exponent, double *value)
{
    char digits[DIGITS_LENGTH + 32];
    if (n > DIGITS_LENGTH) {
        return -1;
    }
    snprintf(digits, sizeof digits, "%.*se%ld", (int)n, mantissa, exponent);
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* glibc's own constant: nothing is allocated */
    *value = strtod_l(digits, NULL, c);
    freelocale(c);
    int is_zero = strcspn(digits, "123456789") >= n;
    return isfinite(*value) && (fabs(*value) >= DBL_MIN || is_zero) ? 0 : -1;
}

int number_parse(const char *text, size_t n, double *value)
{
    size_t mantissa;
    long exponent;
    return n && scan_number(text, n, &mantissa, &exponent) == n ? make_number(text, mantissa, exponent, value) : -1;
}

enum fault { FAULT_NONE, FAULT_NUMBER, FAULT_NO_UNIT, FAULT_UNIT, FAULT_RANGE };

/* Take text[n] apart: the value in SI and the row of its unit (NULL for a bare number), or the unit nobody knows. */
static enum fault parse(const char *text, size_t n, double *si, const struct unit **row, char unknown[UNIT_LENGTH + 1])
{
    size_t mantissa, used;
    long exponent;
    *row = NULL;
    used = scan_number(text, n, &mantissa, &exponent);
    if (used == 0) {
        return FAULT_NUMBER;
    }
    while (used < n && text[used] == ' ') {
        used++;
    }
    if (used < n) {
        snprintf(unknown, UNIT_LENGTH + 1, "%.*s", n - used > UNIT_LENGTH ? 0 : (int)(n - used), text + used);
        const struct unit *u = unit_table;
        while (u->name && strcmp(u->name, unknown) != 0) {
            u++;
        }
        if (!u->name) {
            return FAULT_UNIT;
        }
        *row = u;
        exponent += u->exponent;
    }
    if (make_number(text, mantissa, exponent, si) != 0) {
        return FAULT_RANGE;
    }
    if (*row) {
        *si = *si * (*row)->times / (*row)->over;
    }
    return isfinite(*si) ? FAULT_NONE : FAULT_RANGE;
}

/* The unit of dimension d that was perhaps meant, or NULL. */
static const char *nearest_unit(const char *written, enum dimension d)
{
    struct text_nearest best = {0};
    for (const struct unit *u = unit_table; u->name; u++) {
        if (u->dimension == d && strcasecmp(u->name, written) == 0) {
            return u->name;
        }
        if (u->dimension == d) {
            text_nearest_offer(&best, written, u->name);
        }
    }
    return best.word;
}

/* Mb, KB and the like, which people read as bits or as bytes. */
static int is_ambiguous(const char *unit)
{
    const char *b = strpbrk(unit, "bB");
    return b && (b[1] == '\0' || b[1] == '/' || strcmp(b, "bps") == 0 || strcmp(b, "Bps") == 0);
}

static int unknown_unit(const char *found, const char *unit, enum dimension d, struct err *e)
{
    const char *name = dimension_name(d), *example = dimension_example(d), *near = nearest_unit(unit, d);
    if ((d == DIM_DATA || d == DIM_RATE) && is_ambiguous(unit)) {
        return ERR_SET(e, ERR_INPUT, "found %s, wanted %s such as %s: bits are written bit, bytes B, thousands k, M, G",
                       found, name, example);
    }
    if (near) {
        return ERR_SET(e, ERR_INPUT, "found %s, wanted %s such as %s: the unit nearest to %s is %s", found, name,
                       example, unit, near);
    }
    return ERR_SET(e, ERR_INPUT, "found %s, wanted %s such as %s", found, name, example);
}

/*
 * An amount where a rate is wanted, or a rate for an amount: the same number with or without "/s", in bits and in bytes.
 * Whoever forgets the one often means the other of both.  si: in bit or bit/s.
 */
static const char *hint_data(double si, const struct unit *u, enum dimension d, char *buf, size_t n)
{
    static const char *const prefix[] = {"", "k", "M", "G", "T"};
    static const double scale[] = {1, 1e3, 1e6, 1e9, 1e12};
    bool to_rate = d == DIM_RATE && u->dimension == DIM_DATA, to_data = d == DIM_DATA && u->dimension == DIM_RATE;
    bool binary = u->times > 8, bytes = u->times == 8;
    if (!to_rate && !to_data) {
        return "";
    }
    const char *rule = to_rate ? "a rate is per second" : "an amount has no /s", *per = to_rate ? "/s" : "";
    const char *p = prefix[u->exponent / 3];
    double number = si / scale[u->exponent / 3];
    if (binary) {
        snprintf(buf, n, ": %s", rule);
    } else {
        snprintf(buf, n, ": %s, and %.10g %s%s%s are %.10g %s%s%s", rule, bytes ? number / 8 : number, p,
                 bytes ? "B" : "bit", per, bytes ? number : number / 8, p, bytes ? "bit" : "B", per);
    }
    return buf;
}

int quantity_parse(const char *text, size_t n, enum dimension d, double *si, struct err *e)
{
    char shown[TEXT_SHOWN], unit[UNIT_LENGTH + 1] = "";
    const char *found = text_show(text, n, shown), *name = dimension_name(d), *example = dimension_example(d);
    const struct unit *u;
    switch (parse(text, n, si, &u, unit)) {
    case FAULT_NUMBER:
        return ERR_SET(e, ERR_INPUT, "found %s, wanted %s such as %s", found, name, example);
    case FAULT_UNIT:
        return unknown_unit(found, unit, d, e);
    case FAULT_RANGE:
        return ERR_SET(e, ERR_INPUT, "found %s, which no floating-point number can hold, wanted %s such as %s", found,
                       name, example);
    default:
        break;
    }
    if (!u && d != DIM_NUMBER) {
        return ERR_SET(e, ERR_INPUT, "found %s without a unit, wanted %s such as %s", found, name, example);
    }
    if (u && u->dimension != d) {
        char hint[160];
        return ERR_SET(e, ERR_INPUT, "found %s, which is %s, wanted %s such as %s%s", found,
                       dimension_name(u->dimension), name, example, hint_data(*si, u, d, hint, sizeof hint));
    }
    return 0;
}

int quantity_parse_any(const char *text, size_t n, enum dimension *d, double *si)
{
    char unit[UNIT_LENGTH + 1];
    const struct unit *u;
    if (parse(text, n, si, &u, unit) != FAULT_NONE) {
        return -1;
    }
    *d = u ? u->dimension : DIM_NUMBER;
    return 0;
}

static double power_of_ten(int n)
{
    double power = 1;
    for (int i = 0; i < abs(n); i++) {
        power *= 10;
    }
    return n < 0 ? 1 / power : power;
}

const char *quantity_text(double si, enum dimension d, char *buf, size_t n)
{
    const struct unit *best = NULL;
    double scale = 1;
    for (const struct unit *u = unit_table; u->name; u++) {
        bool is_usual = u->dimension == d && u->times == (d == DIM_DATA ? 8 : 1) && u->over == 1 && !strstr(u->name, "bps") &&
                        d != DIM_NUMBER && (d != DIM_FREQUENCY || strcmp(u->name, "/s") == 0);
        double per = power_of_ten(u->exponent) * u->times;
        if (is_usual && (!best || per <= fabs(si))) {
            best = u;
            scale = per;
        }
    }
    if (isinf(si)) {
        snprintf(buf, n, "%s", si > 0 ? "unlimited" : "-unlimited");
    } else {
        snprintf(buf, n, "%.4g%s%s", si / scale, best ? " " : "", best ? best->name : "");
    }
    return buf;
}
