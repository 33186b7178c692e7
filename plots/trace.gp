# A trace: above how it goes over time, the mean of each of a few hundred slices; below how its values are distributed, the
# share of rows with at most x, a panel per column.  The program puts the names in front (heading, over, panel,
# least, most, logarithmic, stem, data); block 0 of the data is over time, the others are the panels.
left = 84; right = 28; top = 64; tall = 220; between = 92; low = 190; foot = 70; gap = 62
width = 900
height = top + tall + between + low + foot
across(px) = px / real(width)
up(px) = 1 - px / real(height)
one = (width - left - right - (|panel| - 1) * gap) / real(|panel|)

do for [format in "svg png"] {
    if (format eq "svg") {
        set terminal svg size width,height dynamic noenhanced font "DejaVu Sans,11" background "white"
    } else {
        set terminal pngcairo size 2*width,2*height noenhanced font "DejaVu Sans,11" fontscale 2 linewidth 2
    }
    set output stem . "." . format
    set multiplot
    set label 1 heading at screen across(left), up(26) left font "DejaVu Sans,14"
    unset key
    set border 3 lc rgb "#444444"
    set grid xtics ytics lt -1 lw 0.6 lc rgb "#dddddd" dt solid
    set tics nomirror scale 0.6 textcolor rgb "#222222"
    set lmargin at screen across(left)
    set rmargin at screen across(width - right)
    set tmargin at screen up(top)
    set bmargin at screen up(top + tall)
    set xrange [0:*] noextend
    set yrange [0:*]
    set xlabel "time, " . clock offset 0,0.4
    set ylabel over offset 0.5,0
    plot data index 0 using 1:2 with steps lc rgb "#0072B2" lw 1.2 notitle
    unset label 1
    do for [p=1:|panel|] {
        x = left + (p - 1) * (one + gap)
        set lmargin at screen across(x)
        set rmargin at screen across(x + one)
        set tmargin at screen up(top + tall + between)
        set bmargin at screen up(top + tall + between + low)
        if (logarithmic[p]) { set logscale x } else { unset logscale x }
        set xrange [least[p]:most[p]]
        decades = logarithmic[p] ? log10(most[p] / least[p]) : 0
        set xtics autofreq
        if (decades > 4) { set xtics 10**ceil(decades / 4) }
        if (logarithmic[p] && decades < 2) {
            set xtics ("" 1e-9)
            do for [k=-6:15] { do for [m in "1 2 5"] { set xtics add (sprintf("%g", m * 10.0**k) m * 10.0**k) } }
        }
        set mxtics default
        set format x "%g"
        set yrange [0:1]
        set ytics ("0" 0, "25 %%" 0.25, "50 %%" 0.5, "75 %%" 0.75, "100 %%" 1)
        set xlabel panel[p] offset 0,0.4
        if (p == 1) { set ylabel "rows with at most so much" offset 0.5,0 } else { unset ylabel }
        plot data index p using 1:2 with lines lc rgb "#0072B2" lw 1.6 notitle
        unset logscale x
    }
    unset multiplot
    set output
    set ytics autofreq
}
