#!/usr/bin/perl
# mailstore import is killed at each system call, and each call that it makes is made to
# fail: what is in the mailbox is whole, and the same command brings the rest, so that each
# message of the file is there once, and those that stand there twice are there twice.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages program);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $bob = 'bob@example.com';
my @texts = ("Subject: one\n\nfirst\n", "same\n", "From x\nno end", "same\n", '');
my $second = 0;
my $mbox = join '', map {
	my $text = $_;
	$text =~ s/^(>*From )/>$1/mg;
	# The same date on those that are the same
	sprintf "From a\@b Tue Nov 14 22:13:%02d 2023\n%s\n", $text eq "same\n" ? 9 : $second++, $text;
} @texts;

my $start = new_root();
add($start, $bob, undef);
put($start, 'mbox', $mbox);

sub stored {
	my ($root) = @_;
	return sort map { octets_of($_) } messages($root, $bob);
}

sub judge {
	my ($root, $name, $status) = @_;
	my @stored = stored($root);
	my %left;
	$left{$_}++ for @texts;
	ok(!(grep { !$left{$_}-- } @stored), 'what is in the mailbox is whole, and there once')
	    or diag explain \@stored;
	is(scalar @stored, scalar @texts, 'all of it, where that was said') if $status eq '0';
	my ($again, $output, $errors) = mailstore($root, '', 'import', $bob, "$root/mbox");
	is($again, 0, 'the same command again') or diag $errors;
	is_deeply([ stored($root) ], [ sort @texts ], 'brings the rest, and nothing twice');
	my @stale = entries("$root/mail/.incoming");
	cmp_ok(scalar @stale, '<=', 1, 'at most one file is left in mail/.incoming');
}

for my $fault ('signal=KILL', 'error=EIO', 'error=ENOSPC') {
	my $faults = each_fault(
		root => $start, fault => $fault,
		calls => $fault eq 'error=ENOSPC' ? [ 'write', 'renameat2' ] : [ qw(openat write fsync renameat2 unlinkat) ],
		session => sub {
			my ($root, @before) = @_;
			my (undef, $status) = MailRoot::run('', [ @before, program('mailstore'), '-d', $root, 'import', $bob, "$root/mbox" ]);
			return $status;
		},
		judge => \&judge);
	cmp_ok($faults, '>', 5, "$faults faults: $fault");
}
done_testing();
