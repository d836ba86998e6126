#!/usr/bin/perl
# A long import is killed again and again, at moments that nobody chose, and given again
# each time: in the end every message is there once, in the order of the file.
use strict;
use warnings;
use lib 'tests/lib';
use File::Basename qw(basename);
use MailRoot qw(messages program);
use Program;
use StoreTest;
use Test::More;
use Time::HiRes qw(sleep time);

my ($count, $kills) = (400, 8);
my $bob = 'bob@example.com';
my $root = new_root();
add($root, $bob, undef);

# Every tenth is the same as the one before, and dates are as they come.
my @texts = map { sprintf "Subject: %d\n\n%s", $_ - ($_ % 10 == 9), "line\n" x ($_ % 50) } 0 .. $count - 1;
put($root, 'mbox', join '', map { sprintf "From a\@b Tue Nov 14 22:%02d:00 2023\n%s\n", $_ / 100, $texts[$_] } 0 .. $#texts);

sub import_command {
	return Program->start(command => [ program('mailstore'), '-d', $root, 'import', $bob, "$root/mbox" ], limit => 120);
}

srand 20231114;
my $killed = 0;
for my $turn (1 .. $kills) {
	my $until = $turn * $count / ($kills + 1) + rand 10;
	my $import = import_command();
	my $deadline = time + 60;
	my $delivered;
	do {
		sleep 0.003;
		$delivered = () = messages($root, $bob);
	} until $delivered >= $until || time > $deadline;
	sleep rand 0.005;
	$import->signal('KILL');
	$killed++ if $import->status eq 'signal 9';
	my @stored = messages($root, $bob);
	my %left;
	$left{$_}++ for @texts;
	ok(!(grep { !$left{octets_of($_)}-- } @stored), @stored . ' messages, each whole and once');
}
is($killed, $kills, "killed $killed times");

my $import = import_command();
$import->rest;
is($import->status, 0, 'and then left in peace');
is_deeply([ map { octets_of($_) } messages($root, $bob) ], \@texts, 'every message is there, in the order of the file');
is((() = entries("$root/mail/.incoming")) <= $kills, 1, 'a killed one leaves at most one file in mail/.incoming');
done_testing();
