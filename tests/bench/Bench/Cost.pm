# The few numbers that matter, in a table for README.md, from the tables that were written.
package Bench::Cost;

use strict;
use warnings;
use Bench::Measure;
use Exporter qw(import);
use PeerTest qw(spew);

our @EXPORT = qw(summary);

# The figure of a column in the row that matches each pattern of a hash; a dash if there is none.
sub figure {
	my ($table, $column, %match) = @_;
	for my $row (rows_of($table)) {
		return defined $row->{$column} ? $row->{$column} : '-' if !grep { $row->{$_} !~ /^$match{$_}/ } keys %match;
	}
	return '-';
}

# The same with another column behind it, as a ratio.
sub with_ratio {
	my ($table, $column, $ratio, %match) = @_;
	my ($figure, $times) = map { figure($table, $_, %match) } $column, $ratio;
	return $times eq '-' ? $figure : "$figure ($times)";
}

# One line: what is measured, then a cell for musl, glibc, mailfront and the floor.
sub line {
	my ($what, $cell, @programs) = @_;
	return '| ' . join(' | ', $what, map { defined $_ ? $cell->($_) : '-' } @programs) . " |\n";
}

sub summary {
	return if grep { !rows_of($_) } qw(smtp-session pop3-session smtp-rates transfer maildrops idle sizes);
	my $session = sub { my ($table, $column, $ratio) = @_; sub { with_ratio($table, $column, $ratio, program => "$_[0](?:, pipe, batch)?\\z") } };
	my @smtp = ('smtp-stdio, musl', 'smtp-stdio, glibc', 'mailfront queuedir', 'durable file, glibc');
	my @pop3 = ('pop3-stdio, musl', 'pop3-stdio, glibc', 'mailfront pop3front \(no login\)', 'true, glibc');
	my $rate = sub { my ($connections) = @_; sub { with_ratio('smtp-rates', 'msg/s', 'x mailfront', connections => "$connections\\z", under => 'tcpserver', program => $_[0]) } };
	my $text = "| | with musl | with glibc | mailfront | floor |\n| --- | ---: | ---: | ---: | ---: |\n";
	$text .= line('SMTP session of 2 KiB, microseconds (x floor)', $session->('smtp-session', 'wall us', 'x floor'), @smtp);
	$text .= line('.. processor time, microseconds (x floor)', $session->('smtp-session', 'CPU us', 'x its CPU'), @smtp);
	$text .= line('.. system calls', $session->('smtp-session', 'calls', ''), @smtp[0 .. 2], undef);
	$text .= line('POP3 session, five messages, microseconds (x floor)', $session->('pop3-session', 'wall us', 'x floor'), @pop3);
	$text .= line("messages a second, $_ connection" . ($_ > 1 ? 's' : '') . ' (x mailfront)', $rate->($_), @smtp[0 .. 2], undef) for 1, 10, 100;
	$text .= line('100 MiB in, MB/s (x floor)', sub { with_ratio('transfer', 'MB/s', 'x cat', way => 'in', program => "$_[0], pipe") }, @smtp[0 .. 2], 'cat with sync');
	$text .= line('100 MiB out, MB/s (x floor)', sub { with_ratio('transfer', 'MB/s', 'x cat', way => 'out', program => "$_[0], pipe") }, @pop3[0, 1], 'mailfront pop3front', 'cat');
	$text .= line('login and STAT, 100 000 messages, ms (x floor)', sub {
		with_ratio('maildrops', 'login, STAT', 'x readdir', messages => "100000\\z", program => $_[0]) }, @pop3[0 .. 2], 'readdir');
	$text .= line('idle SMTP session, KiB (x floor)', sub { with_ratio('idle', 'KiB each', 'x empty, glibc', sessions => "100\\z", program => "$_[0]\\z") },
		@smtp[0 .. 2], 'empty program, glibc');
	$text .= line('idle POP3 session, KiB (x floor)', sub { with_ratio('idle', 'KiB each', 'x empty, glibc', sessions => "100\\z", program => "$_[0]\\z") },
		'pop3-stdio before login, musl', 'pop3-stdio before login, glibc', undef, 'empty program, glibc');
	$text .= line('smtp-stdio, stripped, KiB', sub { my ($build) = $_[0] =~ /, (\w+)/; figure('sizes', 'KiB', program => 'smtp-stdio', build => $build) }, @smtp[0, 1], undef, undef);
	print 'summary: ', spew(tsv_directory() . '/cost.md', $text), "\n";
}

1;
