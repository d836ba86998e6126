#!/usr/bin/perl
# mailstore forward and quota, failing or killed at each system call: what is set is the
# old or the new, and can be set again.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(program);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $bob = 'bob@example.com';

# command, its file as it is before, what is set then, and what at last
for (
	[ 'forward', "old\@example.com\n", 'new@example.com', 'again@example.com' ],
	[ 'quota', "1000\n", '2000', '3000' ],
) {
	my ($command, $old, $new, $again) = @$_;
	my $start = new_root();
	add($start, $bob, undef);
	put($start, "accounts/example.com/bob/$command", $old);
	for my $fault ('signal=KILL', 'error=EIO') {
		my $faults = each_fault(
			root => $start, calls => [qw(openat write fsync renameat)], fault => $fault,
			session => sub {
				my ($root, @before) = @_;
				my ($output, $status) = MailRoot::run('', [ @before, program('mailstore'), '-d', $root, $command, $bob, $new ]);
				return $status;
			},
			judge => sub {
				my ($root, $name, $status) = @_;
				my ($is, $now) = mailstore($root, '', $command, $bob);
				is($is, 0, "the $command can be read");
				like($now, $status eq '0' ? qr/\A\Q$new\E\n\z/ : qr/\A(?:\Q$old\E|\Q$new\E\n)\z/, 'it is the old or the new one');
				is((mailstore($root, '', $command, $bob, $again))[0], 0, 'and can be set again');
				is((mailstore($root, '', $command, $bob))[1], "$again\n", 'as it shall be');
			});
		cmp_ok($faults, '>', 3, "$command, $fault: $faults times");
	}
}
done_testing();
