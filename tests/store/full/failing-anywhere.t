#!/usr/bin/perl
# Every system call on the store fails at each of its uses: replies and mailboxes always
# agree.  A sync that a signal interrupts is no failure.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @messages = map { "Subject: message $_\n\n" . "The $_. message.\n.\n" x 5000 } 1, 2;
my @marked = (1, 2, 5);

sub deliveries {
	my ($how, $fault, $judge, @calls) = @_;
	my ($start, @accounts) = accounts_root(@$how);
	return each_fault(
		root => $start, calls => \@calls, fault => $fault,
		session => sub {
			my ($root, @before) = @_;
			return [ send_messages($root, \@before, \@accounts, @messages) ];
		},
		judge => sub {
			my ($root, $name, $final) = @_;
			judge_delivery($root, \@accounts, \@messages, $final, stale => scalar($name =~ /unlink/));      ## smtp-5321-4.2.5-b smtp-stdio-store-c
			$judge->($name, @$final);
		});
}

sub refusals_are_temporary {
	my ($name, @final) = @_;
	my @wrong = grep { !/^(?:250 2|45[12] 4|)/ } @final;
	is(scalar @wrong, 0, 'a refusal is one for now') or diag @wrong;        ## smtp-5321-4.3.2-451
}

sub nothing_happened {
	my ($name, @final) = @_;
	is(scalar(grep { /^250 / } @final), 2, 'both messages are taken') or diag join "\n", @final;
}

my @calls = qw(openat write fsync linkat mkdirat unlinkat renameat fcntl fstat lseek getrandom);
for my $how ([1, 1], [3, 1], [3, 0]) {
	for my $error (qw(EIO ENOSPC ENOMEM EMFILE)) {
		cmp_ok(deliveries($how, "error=$error", \&refusals_are_temporary, @calls), '>', 40, "$error, @$how");
	}
	cmp_ok(deliveries($how, 'error=EINTR', \&nothing_happened, 'fsync'), '>', 3, "EINTR, @$how");
}

for my $error (qw(EIO ENOMEM)) {
	my $faults = each_fault(
		root => deleting_root(), calls => [qw(openat fsync unlinkat getdents64 fcntl fstat)], fault => "error=$error",
		session => sub {
			my ($root, @before) = @_;
			return send_deletions($root, \@before, @marked);
		},
		judge => sub {
			my ($root, $name, $replies) = @_;
			judge_deletions($root, $replies, @marked);      ## pop3-1939-6-a
			unlike(join("\n", grep { defined } values %$replies), qr/^-ERR \[AUTH\]/m,
			    'no trouble is told as a wrong password');         ## pop3-3206-a
		});
	cmp_ok($faults, '>', 10, "$error in POP3");
}
done_testing();
