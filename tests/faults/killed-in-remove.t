#!/usr/bin/perl
# mailstore remove is killed at each change, and the account is made again without a second
# remove: by add, or by mail that comes for it.  Its old mail and its old password are never
# seen again.
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

sub logs_in {
	my ($root, $password) = @_;
	my ($output) = pop3_session($root, "USER $bob\r\nPASS $password\r\nSTAT\r\nQUIT\r\n");
	return scalar($output =~ /^\+OK \d+ \d+\r$/m);
}

my $start = new_root();
add($start, 'ann@example.com', 'other');
add($start, $bob, 'secret');
put($start, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");

my $left = 0;
sub made_again {
	my ($how, $judge) = @_;
	my $faults = each_fault(
		root => $start, calls => [ qw(openat fsync renameat unlinkat) ], fault => 'signal=KILL',
		session => sub {
			my ($root, @before) = @_;
			MailRoot::run('', [@before, program('mailstore'), '-d', $root, 'remove', '-f', $bob]);
		},
		judge => sub {
			my ($root) = @_;
			my $is_removed = !-d "$root/accounts/example.com/bob";
			$left++ if $is_removed && messages($root, $bob);
			$judge->($root, $is_removed);
			return if !$is_removed;
			ok(!logs_in($root, 'secret'), 'the old password is none');
			is(scalar messages($root, $bob), 0, 'the old mail is gone');
		});
	cmp_ok($faults, '>', 5, "$how: killed $faults times");
}

made_again('add', sub {
	my ($root, $is_removed) = @_;
	is((mailstore($root, "new\n", 'add', $bob))[0], $is_removed ? 0 : 73, 'add');
	ok(logs_in($root, 'new'), 'the new password is right') if $is_removed;
});
made_again('mail', sub {
	my ($root, $is_removed) = @_;
	my @mail = ($root, "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<$bob>\r\nQUIT\r\n", flags => ['-c']);
	my ($output) = smtp_session(@mail);
	if ($output =~ /^451 /m) {      # a confined session may not remove it
		ok(!-d "$root/accounts/example.com/bob", 'no account is made where there is old mail');
		is((mailstore($root, '', 'check', '-r'))[0], 0, 'until check -r has removed that');
		($output) = smtp_session(@mail);
	}
	like($output, qr/^250 2\.1\.5 /m, 'an account is made for mail');
});
cmp_ok($left, '>', 0, 'the mail was there still when there was no account');

# A password that half an account has left.
my $half = new_root();
add($half, 'ann@example.com', 'other');
put($half, 'passwords/example.com/bob', octets_of("$half/passwords/example.com/ann"));
is((mailstore($half, '', 'add', '-n', $bob))[0], 0, 'added without a password');
ok(!logs_in($half, 'other'), 'nobody can log in with one that was left');
done_testing();
