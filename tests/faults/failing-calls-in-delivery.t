#!/usr/bin/perl
# A system call of a delivery fails: the reply says 451 or 452, the message is in no
# mailbox, nothing is left over, and the session goes on to deliver the next message.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @messages = map { "Subject: message $_\n\n" . "The $_. message.\n.\n" x 300 } 1, 2;

sub fail_at {
	my ($count, $with_mailboxes, $fault, $code, @calls) = @_;
	my ($start, @accounts) = accounts_root($count, $with_mailboxes);
	my $refused = 0;
	my $faults = each_fault(
		root => $start, calls => \@calls, fault => "error=$fault",
		session => sub {
			my ($root, @before) = @_;
			return [ send_messages($root, \@before, \@accounts, @messages) ];
		},
		judge => sub {
			my ($root, $name, $final) = @_;
			# Only where the failing call is the one that cleans up may something be left.
			judge_delivery($root, \@accounts, \@messages, $final, stale => scalar($name =~ /unlink/));   ## smtp-5321-4.2.5-b smtp-stdio-store-c
			my @bad = grep { !/^250 / } @$final;
			return if grep { $_ eq '' } @bad;       # the connection itself failed
			cmp_ok(scalar @bad, '<=', 1, 'one call has failed, and at most one message') or diag "@bad";
			return unless @bad;
			$refused++;
			like($bad[0], qr/^$code /, "the reply is $code");        ## smtp-5321-4.3.2-451 smtp-5321-4.3.2-452
		});
	cmp_ok($faults, '>=', scalar @calls, "$faults calls failed, $refused messages were refused for it");
	return $refused;
}

cmp_ok(fail_at(1, 1, 'EIO', '451 4\.3\.0', qw(write fsync linkat unlinkat)), '>', 4, 'EIO is told as 451');     ## smtp-5321-4.3.2-451
cmp_ok(fail_at(1, 1, 'ENOSPC', '452 4\.3\.1', qw(write fsync linkat)), '>', 4, 'ENOSPC is told as 452');        ## smtp-5321-4.3.2-452
cmp_ok(fail_at(3, 1, 'EDQUOT', '452 4\.3\.1', qw(fsync linkat)), '>', 4, 'EDQUOT is told as 452');              ## smtp-5321-4.3.2-452
cmp_ok(fail_at(1, 0, 'ENOSPC', '452 4\.3\.1', qw(mkdirat)), '>', 0, 'a mailbox that cannot be made is told so');
done_testing();
