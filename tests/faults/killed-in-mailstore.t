#!/usr/bin/perl
# mailstore is killed at each system call with which it changes the store: an account is
# there as a whole or not at all, a password is the old one or the new one, and the
# command can be given again.
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
my @calls = qw(openat write fsync mkdirat renameat unlinkat);

sub killed {
	my ($start, $input, $arguments, $judge) = @_;
	my $faults = each_fault(
		root => $start, calls => \@calls, fault => 'signal=KILL',
		session => sub {
			my ($root, @before) = @_;
			my ($output, $status) = MailRoot::run($input, [@before, program('mailstore'), '-d', $root, @$arguments]);
			return $status;
		},
		judge => $judge);
	cmp_ok($faults, '>', 5, "$arguments->[0] was killed $faults times");
}

sub logs_in {
	my ($root, $password) = @_;
	my ($output) = pop3_session($root, "USER $bob\r\nPASS $password\r\nSTAT\r\nQUIT\r\n");
	return scalar($output =~ /^\+OK \d+ \d+\r$/m);
}

my $start = new_root();
add($start, 'ann@example.com', 'other');

killed($start, "secret\n", ['add', $bob], sub {
	my ($root, $name, $status) = @_;
	if (-d "$root/accounts/example.com/bob") {
		ok(logs_in($root, 'secret'), 'the account is there as a whole');
		is((mailstore($root, "secret\n", 'add', $bob))[0], 73, 'adding it again says so');
	} else {
		isnt($status, 0, 'the account is not there, and nobody was told so');
		ok(!logs_in($root, 'secret'), 'and nobody can log in to it');
		is((mailstore($root, "secret\n", 'add', $bob))[0], 0, 'it can be added');
		ok(logs_in($root, 'secret'), 'and is whole then');
	}
});

add($start, $bob, 'secret');
put($start, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");

killed($start, "new\n", ['passwd', $bob], sub {
	my ($root, $name, $status) = @_;
	my ($old, $new) = map { logs_in($root, $_) } 'secret', 'new';
	ok($new && !$old || $old && !$new && $status ne '0', 'the password is the old one or the new one');
	is((mailstore($root, "third\n", 'passwd', $bob))[0], 0, 'it can be set again');
	ok(logs_in($root, 'third'), 'and is that then');
});

sub no_mail_of_before {
	my ($root) = @_;
	ok(!logs_in($root, 'secret') && logs_in($root, 'new'), 'with its new password');
	is(scalar messages($root, $bob), 0, 'and has no mail of the one before');
}

killed($start, '', ['remove', '-f', $bob], sub {
	my ($root, $name, $status) = @_;
	ok(!logs_in($root, 'secret'), 'who is no account any more cannot log in') if !-d "$root/accounts/example.com/bob";
	mailstore($root, '', 'remove', '-f', $bob);
	ok(!-d "$root/accounts/example.com/bob", 'it can be removed again');
	ok(!logs_in($root, 'secret'), 'nobody logs in any more');
	is((mailstore($root, "new\n", 'add', $bob))[0], 0, 'it can be added again');
	no_mail_of_before($root);
});

my $left = 0;
killed($start, '', ['remove', '-f', $bob], sub {
	my ($root, $name, $status) = @_;
	my $is_removed = !-d "$root/accounts/example.com/bob";
	$left++ if $is_removed && messages($root, $bob);
	is((mailstore($root, "new\n", 'add', $bob))[0], $is_removed ? 0 : 73, 'added without being removed again');
	no_mail_of_before($root) if $is_removed;
});
cmp_ok($left, '>', 0, 'the mail was there still when there was no account');
killed($start, '', ['remove', '-f', $bob], sub {
	my ($root, $name, $status) = @_;
	return ok(1, 'it is still there') if -d "$root/accounts/example.com/bob";
	my ($output) = smtp_session($root, "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<$bob>\r\nQUIT\r\n", flags => ['-c']);
	like($output, qr/^250 2\.1\.5 /m, 'made by mail that comes for it');
	ok(!logs_in($root, 'secret'), 'nobody logs in to it');
	is(scalar messages($root, $bob), 0, 'and it has no mail of the one before');
});

# Half an account that was to have a password, and then is added without one.
my $half = new_root();
add($half, 'ann@example.com', 'other');
put($half, 'passwords/example.com/bob', octets_of("$half/passwords/example.com/ann"));
is((mailstore($half, '', 'add', '-n', $bob))[0], 0, 'added without a password, where one was left');
ok(!logs_in($half, 'other'), 'nobody can log in with that');
done_testing();
