# What a policy has learned: its mean on draws held back, over the episodes that it learned from, a panel per figure; the band
# is a 95 % interval over replications.
# The program puts the names and ranges in front (panel, column, low, high, heading, subheading, stem, data).
# panels: how many there are
left = 84; gap = 92; right = 26; top = 84; tall = 250; foot = 60
wide = wider(330, (titled(heading, subheading) - (panels - 1) * gap) / panels)
width = left + panels * wide + (panels - 1) * gap + right
height = top + tall + foot
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
    set grid ytics lt -1 lw 0.6 lc rgb "#dddddd" dt solid
    set style fill solid 0.25 noborder
    do for [p=1:panels] {
        x = left + (p - 1) * (wide + gap)
        set lmargin at screen across(x)
        set rmargin at screen across(x + wide)
        set tmargin at screen up(top)
        set bmargin at screen up(top + tall)
        set yrange [low[p]:high[p]]
        set xrange [0:*]
        set xlabel "episodes" offset 0,0.4
        set label 3 panel[p] at graph 0, graph 1 offset 0.2,0.7 left font "DejaVu Sans,12"
        plot data index p-1 using 1:3:4 with filledcurves lc rgb "#0072B2" notitle, \
             data index p-1 using 1:2 with lines lw 2 lc rgb "#0072B2" notitle
        unset label
    }
    unset multiplot
    set output
}
