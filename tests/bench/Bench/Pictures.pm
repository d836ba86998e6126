# Pictures of what was measured, by gnuplot(1), from the tables that were written: SVG and
# PNG.  A picture whose tables are not there is left out.
package Bench::Pictures;

use strict;
use warnings;
use Bench::Measure;
use Exporter qw(import);
use PeerTest qw(run spew);

our @EXPORT = qw(pictures);

sub pictures {
	return if !needs('gnuplot', 'gnuplot-nox', 'pictures');
	picture('cost', 960, 640, \&cost);
	picture('by-size', 900, 360, \&by_size);
	picture('maildrops', 900, 360, \&maildrops);
	picture('idle', 900, 360, \&idle);
}

sub picture {
	my ($name, $width, $height, $draw) = @_;
	my $commands = $draw->() or return;
	for my $kind ('svg', 'png') {
		my $font = $kind eq 'svg' ? "font 'sans-serif,13' background '#ffffff'" : "font 'sans,11'";
		my $path = tsv_directory() . "/$name.$kind";
		my $terminal = $kind eq 'svg' ? 'svg' : 'pngcairo';
		my $gnuplot = spew(work() . "/$name.gnuplot", "set terminal $terminal size $width,$height $font\nset output '$path'\n$commands");
		my ($status, undef, $error) = run(['gnuplot', $gnuplot]);
		if (!defined $status || $status != 0) {
			without("picture $name.$kind: $error");
			next;
		}
		print "picture: $path\n";
	}
}

# A block of gnuplot's inline data from pairs.
sub data {
	my ($name, @lines) = @_;
	return "\$$name << END\n" . join('', map { join("\t", map { s/"//gr } @$_) . "\n" } @lines) . "END\n";
}

my $STYLE = <<'END';
set datafile separator tab
set style fill solid 0.85 noborder
set border 3 lc rgb '#888888'
set tics nomirror textcolor rgb '#444444'
set grid xtics lc rgb '#dddddd'
set key off
END

# Bars from left to right, one under the other, with the figure behind each; ours are dark.
sub bars {
	my ($name, $title, $unit, @bars) = @_;
	my $count = @bars;
	my $most = maximum(map { $_->[1] } @bars) * 1.25;
	my $line = 0;
	my @lines = map { [$line++, $_->[1], $_->[0], $_->[0] =~ /stdio/ ? 0x1f5fa8 : $_->[0] =~ /true|durable|empty|cat|readdir/ ? 0xb9b9b9 : 0xd08b3c] } @bars;
	return data($name, @lines) . <<"END";
set title '$title' font ',12'
unset xtics
set xrange [0:$most]
set yrange [$count - 0.4:-0.6]
set xlabel '$unit'
plot \$$name using (\$2/2):1:(\$2/2):(0.35):4:ytic(3) with boxxyerror lc rgb variable, '' using 2:1:(sprintf(' %.4g', \$2)) with labels left
END
}

# One picture of what matters: a session, messages a second, an idle session, 100 MiB.
sub cost {
	my @session = grep { $_->{program} =~ /durable file|batch/ && $_->{program} !~ /tcp/ } rows_of('smtp-session');
	my @rates = grep { $_->{connections} == 10 && $_->{under} =~ /tcpserver|itself/ } rows_of('smtp-rates');
	my @idle = grep { $_->{sessions} == 100 } rows_of('idle');
	my @drops = grep { $_->{messages} == 100_000 } rows_of('maildrops');
	return if !@session || !@rates || !@idle || !@drops;
	return "$STYLE\nset multiplot layout 2,2\nset lmargin 26\n" .
	    bars('session', 'One SMTP session, durable', 'microseconds, on pipes', map { [$_->{program} =~ s/, pipe, batch//r, $_->{'wall us'}] } @session) .
	    bars('rates', 'Messages a second', '10 connections', map { [$_->{program}, $_->{'msg/s'}] } @rates) .
	    bars('idle', 'Memory of an idle session', 'KiB, one of 100', map { [$_->{program} =~ s/ before login//r, $_->{'KiB each'}] } @idle) .
	    bars('drops', 'POP3 login and STAT', 'milliseconds, 100 000 messages', map { [$_->{program} =~ s/ \(.*//r, $_->{'login, STAT'}] } @drops) .
	    "unset multiplot\n";
}

# Lines on two logarithmic axes: rows, what stands on x and y, and what makes a line.
sub lines {
	my ($name, $title, $x, $y, $by, $labels, @rows) = @_;
	my (%line, @names);
	for (grep { $_->{$y} ne '-' } @rows) {
		push @names, $_->{$by} if !$line{$_->{$by}};
		push @{$line{$_->{$by}}}, [$_->{$x}, $_->{$y}];
	}
	my $number = 0;
	my $text = join '', map { data("$name" . $number++, @{$line{$_}}) } @names;
	$number = 0;
	my $plots = join ', ', map { "\$$name" . $number++ . " using 1:2 with linespoints lw 2 pt 7 ps 0.6 title '$_'" } @names;
	return "$text\nset title '$title' font ',14'\nset key left top\nset logscale xy\nset xlabel '$labels->[0]'\nset ylabel '$labels->[1]'\nplot $plots\n";
}

sub by_size {
	my @rows = rows_of('by-size') or return;
	return "$STYLE\nset multiplot layout 1,2\n" .
	    lines('in', 'A session that takes a message', 'KiB', 'in ms', 'build', ['KiB', 'ms'], @rows) .
	    lines('out', 'A session that gives a message', 'KiB', 'out ms', 'build', ['KiB', 'ms'], @rows) . "unset multiplot\n";
}

sub maildrops {
	my @rows = rows_of('maildrops') or return;
	return "$STYLE\nset multiplot layout 1,2\n" .
	    lines('login', 'Login and STAT', 'messages', 'login, STAT', 'program', ['messages', 'ms'], @rows) .
	    lines('peak', 'Memory', 'messages', 'peak KiB', 'program', ['messages', 'KiB'], @rows) . "unset multiplot\n";
}

sub idle {
	my @rows = rows_of('idle') or return;
	return $STYLE . lines('idle', 'Idle sessions', 'sessions', 'KiB each', 'program', ['sessions', 'KiB each'], @rows);
}

1;
