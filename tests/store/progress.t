#!/usr/bin/perl
# The progress bar, on a terminal: what waits for a slow pipe shows how far it is, within the
# terminal's width, and takes the line away at the end; what is done at once, or has no
# terminal, shows nothing.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use POSIX qw(mkfifo);
use Program;
use StoreTest;
use Test::More;
use Time::HiRes qw(time);

StoreTest::missing('needs script (Debian package bsdutils)') unless grep { -x "$_/script" } split /:/, $ENV{PATH};

my ($bob, $ann) = ('bob@example.com', 'ann@example.com');
my $root = new_root();
add($root, $_, undef) for $bob, $ann;
my ($count, $octets) = (40, 100_000);
put($root, sprintf('mail/example.com/bob/cur/17000000%02d.x.host:2,S', $_), 'x' x $octets) for 1 .. $count;
mkfifo "$root/fifo", 0600 or die "mkfifo: $!\n";

# Starts mailstore with a terminal of so many columns, its standard input or output being
# something else.
sub at_terminal {
	my ($columns, $command) = @_;
	return Program->start(command => [ 'script', '-qec',
	    "stty cols $columns; exec '@{[ program('mailstore') ]}' -d '$root' $command", '/dev/null' ], limit => 60);
}

# What a line is once all the text before the last CR is written over.
sub lines_drawn {
	my ($output) = @_;
	return grep { /\S/ } split /\r/, $output;
}

# Another process at the slow end, which reads or writes so many pieces in so many seconds,
# and what is left to read then.
sub slow_end {
	my ($open, $pieces, $seconds, $do) = @_;
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	return $pid if $pid;
	alarm 60;
	open my $fifo, $open, "$root/fifo" or Program::give_up();
	for my $piece (1 .. $pieces) {
		last unless $do->($fifo);
		select undef, undef, undef, $seconds / $pieces;         # what is slow: not a wait for anything
	}
	1 while $open eq '<' && sysread $fifo, my $rest, 65536;
	close $fifo;
	exec 'true';
}

for my $columns (50, 30) {
	my $began = time;
	my $reader = slow_end('<', 60, 2.2, sub { sysread $_[0], my $piece, 65536 });
	my $export = at_terminal($columns, "export $bob > '$root/fifo'");
	my $output = $export->rest;
	is($export->status, 0, "an export with $columns columns");
	waitpid $reader, 0;
	my $seconds = time - $began;
	my @lines = lines_drawn($output);
	cmp_ok(scalar @lines, '>=', 2, scalar(@lines) . ' lines are drawn');
	cmp_ok(scalar @lines, '<=', 5 * ($seconds - 1) + 1, "in $seconds seconds, the first of them after one");
	is(scalar(grep { length >= $columns } @lines), 0, 'none is too long');
	my $bar = $columns == 50 ? qr/ \[#* *\]/ : qr//;
	is(scalar(grep { !/^export {1,3}\d{1,3}%$bar \d+(?:\.\d)?[kM]?\/4\.0M \d+:\d\d *$/ } @lines), 0, 'each as it should be')
	    or diag explain \@lines;
	my @percent = map { /(\d+)%/ } @lines;
	is_deeply(\@percent, [ sort { $a <=> $b } @percent ], 'it goes forward');
	like($output, qr/\r +\r\z/, 'and the line is taken away at the end');
}

my $writer = slow_end('>', 30, 1.8, sub { syswrite $_[0], "From a\@b Tue Nov 14 22:13:20 2023\nbody\n\n" });
my $import = at_terminal(80, "import $ann < '$root/fifo'");
my $output = $import->rest;
is($import->status, 0, 'an import from a pipe');
waitpid $writer, 0;
my @lines = lines_drawn($output);
ok(@lines > 0 && !(grep { !/^import \d+ 0:0\d *$/ } @lines), 'shows what is done, not knowing how much there is')
    or diag explain \@lines;
like($output, qr/\r +\r\z/, 'and the line is taken away at the end');

for my $command ("export $ann > '$root/mbox'", "import $bob '$root/mbox'") {
	my $quick = at_terminal(80, $command);
	is($quick->rest, '', "$command: what is done at once shows nothing");
	is($quick->status, 0, 'and is done');
}
done_testing();
