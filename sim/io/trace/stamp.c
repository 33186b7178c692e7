/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/stamp.h"

#include <string.h>

/* Days from 1970-01-01 of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms"). */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int month_days(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[m - 1] + (m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)));
}

static int two(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

bool stamp_read(const char *text, const char *shape, int64_t *ns)
{
    shape = shape ? shape : "0000-00-00 00:00:00";
    size_t n = strlen(shape);
    for (size_t i = 0; i < n; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !digit : text[i] != shape[i]) {
            return false;
        }
    }
    int y = two(text) * 100 + two(text + 2), mo = two(text + 5), d = two(text + 8);
    int h = two(text + 11), mi = two(text + 14), s = two(text + 17);
    if (y < 1970 || y > 2200 || mo < 1 || mo > 12 || d < 1 || d > month_days(y, mo) || h > 23 || mi > 59 || s > 59) {
        return false;
    }
    int64_t part = 0, unit = 1000000000;
    const char *c = text + n;
    if (*c == '.') {
        for (c++; *c >= '0' && *c <= '9' && unit > 1; c++) {
            unit /= 10;
            part += (*c - '0') * unit;
        }
    }
    *ns = (((days_from_civil(y, mo, d) * 24 + h) * 60 + mi) * 60 + s) * 1000000000 + part;
    return *c == 0 || strcmp(c, "+00:00") == 0 || strcmp(c, "Z") == 0;
}
