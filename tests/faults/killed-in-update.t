#!/usr/bin/perl
# pop3-stdio is killed at each system call with which QUIT changes the mailbox: every
# message is either there and whole or gone, those that were not marked are untouched,
# and the lock is free.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @marked = (1, 2, 5);

sub fault_at {
	my ($fault, @calls) = @_;
	return each_fault(
		root => deleting_root(), calls => \@calls, fault => $fault,
		session => sub {
			my ($root, @before) = @_;
			return send_deletions($root, \@before, @marked);
		},
		judge => sub {
			my ($root, $name, $replies) = @_;
			judge_deletions($root, $replies, @marked);      ## pop3-1939-6-a pop3-1939-6-b pop3-1939-4-b
		});
}

cmp_ok(fault_at('signal=KILL', qw(unlinkat fsync write)), '>', 5, 'it was killed often enough');
done_testing();
