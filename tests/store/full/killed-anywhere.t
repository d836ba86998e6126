#!/usr/bin/perl
# smtp-stdio and pop3-stdio are killed at every use of every system call that changes or
# reads the store: the matrix of which tests/faults/ has the middle.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @calls = qw(openat read write fsync linkat mkdirat unlinkat renameat getdents64 fcntl fstat close lseek);
my @messages = map { "Subject: message $_\n\n" . "The $_. message.\n.\n" x 5000 } 1, 2;
my $later = "Subject: later\n\nAfter the crash.\n";

for my $how ([1, 1], [3, 1], [3, 0]) {
	my ($start, @accounts) = accounts_root(@$how);
	my $faults = each_fault(
		root => $start, calls => \@calls, fault => 'signal=KILL',
		session => sub {
			my ($root, @before) = @_;
			return [ send_messages($root, \@before, \@accounts, @messages) ];
		},
		judge => sub {
			my ($root, $name, $final) = @_;
			judge_delivery($root, \@accounts, \@messages, $final, stale => 1);      ## smtp-5321-4.2.5-a smtp-stdio-store-c
			my @again = send_messages($root, [], \@accounts, $later);
			like($again[0], qr/^250 /, 'the next delivery is taken');
			judge_delivery($root, \@accounts, [@messages, $later], [@$final, @again], stale => 1);
		});
	cmp_ok($faults, '>', 50, "$faults sessions were killed");
}

my @marked = (1, 2, 5);
my $faults = each_fault(
	root => deleting_root(), calls => \@calls, fault => 'signal=KILL',
	session => sub {
		my ($root, @before) = @_;
		return send_deletions($root, \@before, @marked);
	},
	judge => sub {
		my ($root, $name, $replies) = @_;
		judge_deletions($root, $replies, @marked);      ## pop3-1939-6-a pop3-1939-6-b pop3-1939-4-b
	});
cmp_ok($faults, '>', 50, "$faults sessions were killed");
done_testing();
