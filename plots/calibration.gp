# Times of operators and whole models, measured, over those that the fitted laws say; a panel per kind, and one each for what
# threads and batches change. Filled points were fitted to, open ones held back; the band holds what lies within 20 %.
# The program puts names and ranges in front (panel, note, low, high, heading, subheading, stem, data).
# panels: how many there are
columns = panels < 4 ? panels : 4
rows = (panels + columns - 1) / columns
left = 84; gap = 74; right = 26; top = 96; tall = 210; drop = 74; foot = 62
wide = wider(210, (titled(heading, subheading) - (columns - 1) * gap) / columns)
width = left + columns * wide + (columns - 1) * gap + right
height = top + rows * tall + (rows - 1) * drop + foot
across(px) = px / real(width)
up(px) = 1 - px / real(height)
do for [format in "svg png"] {
    if (format eq "svg") {
        set terminal svg size width,height dynamic noenhanced font "DejaVu Sans,11" background "white"
    } else {
        set terminal pngcairo size 2*width,2*height noenhanced font "DejaVu Sans,11" fontscale 2 linewidth 2 dashlength 1
    }
    set output stem . "." . format
    set multiplot
    set label 1 heading at screen across(left), up(24) left font "DejaVu Sans,14"
    set label 2 subheading at screen across(left), up(46) left textcolor rgb "#555555"
    set border 3 lc rgb "#444444"
    set tics nomirror scale 0.6 textcolor rgb "#222222"
    set grid xtics ytics lt -1 lw 0.6 lc rgb "#dddddd" dt solid
    set style fill solid 0.15 noborder
    set logscale xy
    do for [p=1:panels] {
        column = (p - 1) % columns
        row = (p - 1) / columns
        x = left + column * (wide + gap)
        y = top + row * (tall + drop)
        set lmargin at screen across(x)
        set rmargin at screen across(x + wide)
        set tmargin at screen up(y)
        set bmargin at screen up(y + tall)
        set xrange [low[p]:high[p]]
        set yrange [low[p]:high[p]]
        set format xy "%.0s %cs"
        if (high[p] / low[p] > 2000) { set xtics 100 } else { set xtics 10 }
        set ytics 10
        unset xlabel
        unset ylabel
        if (row == rows - 1 || p + columns > panels) { set xlabel "by the law" offset 0,0.4 }
        if (column == 0) { set ylabel "measured" offset 0.6,0 }
        set label 3 panel[p] at graph 0, graph 1 offset 0.2,1.5 left font "DejaVu Sans,12"
        set label 4 note[p] at graph 0, graph 1 offset 0.2,0.6 left font "DejaVu Sans,9" textcolor rgb "#555555"
        plot '+' using 1:(0.8*$1):(1.2*$1) with filledcurves lc rgb "#888888" notitle, \
             x with lines lw 1 lc rgb "#444444" notitle, \
             data index p-1 using 1:($3 == 0 ? $2 : NaN) with points pt 7 ps 0.5 lc rgb "#0072B2" notitle, \
             data index p-1 using 1:($3 == 1 ? $2 : NaN) with points pt 6 ps 0.7 lw 1.2 lc rgb "#D55E00" notitle
        unset label
    }
    unset multiplot
    set output
}
