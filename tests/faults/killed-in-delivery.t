#!/usr/bin/perl
# smtp-stdio is killed at each system call with which a delivery changes the store, for
# one recipient and for three, into mailboxes that are there and into one that must be
# made.  Nothing half is visible, nothing acknowledged is gone, and the next delivery
# is not hindered by what was left.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @messages = map { "Subject: message $_\n\n" . "The $_. message.\n.\n" x 300 } 1, 2;
my $later = "Subject: later\n\nAfter the crash.\n";

sub kill_at {
	my ($count, $with_mailboxes, @calls) = @_;
	my ($start, @accounts) = accounts_root($count, $with_mailboxes);
	my $faults = each_fault(
		root => $start, calls => \@calls, fault => 'signal=KILL',
		session => sub {
			my ($root, @before) = @_;
			return [ send_messages($root, \@before, \@accounts, @messages) ];
		},
		judge => sub {
			my ($root, $name, $final) = @_;
			# The killed one leaves at most one file; no one mends that yet.
			judge_delivery($root, \@accounts, \@messages, $final, stale => 1);      ## smtp-5321-4.2.5-a smtp-stdio-store-c smtp-5321-3.8-c
			my @again = send_messages($root, [], \@accounts, $later);
			like($again[0], qr/^250 /, 'the next delivery is taken');
			judge_delivery($root, \@accounts, [@messages, $later], [@$final, @again], stale => 1);
		});
	cmp_ok($faults, '>=', scalar @calls, "$faults sessions were killed");
}

kill_at(1, 1, qw(write fsync linkat unlinkat));
kill_at(3, 1, qw(fsync linkat));
kill_at(1, 0, qw(mkdirat));
done_testing();
