#!/usr/bin/perl
# mailstore check -r is killed, or a call of it fails, at each change that it makes: no
# message is lost, and the next check -r mends what is left.
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
my $maildir = 'mail/example.com/bob';
my $three = '1700000003.three.host,S=20,W=23';
my $text = "Subject: one\n\nfirst\n";

my $start = new_root();
add($start, $bob, 'secret');
add($start, 'ann@example.com');
put($start, $_, $text) for 'mail/.incoming/1700000001.x.host', 'mail/.removed.0123456789abcdef/new/x', "$maildir/tmp/old",
    "$maildir/new/1700000001.one.host,S=1,W=3", "$maildir/cur/1700000002.two.host,S=20,W=3:2,S",
    "$maildir/new/$three", 'mail/example.com/ann/removed';
rmdir "$start/accounts/example.com/ann" or die "$!\n";
rmdir "$start/mail/example.com/ann/cur" or die "$!\n";
chmod 0755, "$start/passwords";
utime time - 40 * 3600, time - 40 * 3600, map { "$start/$_" } entries($start);

for my $fault ('signal=KILL', 'error=EIO') {
	my $faults = each_fault(
		root => $start, calls => [ qw(fsync fchmod renameat mkdirat unlinkat) ], fault => $fault,
		session => sub {
			my ($root, @before) = @_;
			link "$root/$maildir/new/$three", "$root/$maildir/cur/$three:2," or die "link: $!\n";
			my ($output, $status) = MailRoot::run('', [@before, program('mailstore'), '-d', $root, 'check', '-r']);
			return [ $status, $output ];
		},
		judge => sub {
			my ($root, $name, $result) = @_;
			my ($status, $output) = @$result;
			like($output, qr/: I(?:nput)?\/[Oo](?:utput)? error$/m, 'a status that is not 0 has its reason') if $status eq '65';
			like($status, qr/^(?:0|65|signal 9)\z/, 'the status tells');
			my %there = map { m{/(\d+)\.} ? ($1 => 1) : () } messages($root, $bob);
			is_deeply([ sort keys %there ], [ 1700000001, 1700000002, 1700000003 ], 'each message is there');
			utime time - 40 * 3600, time - 40 * 3600, map { "$root/$_" } entries($root);
			($status, $output) = mailstore($root, '', 'check', '-r');
			is($status, 0, 'called again it mends the rest') or diag $output;
			is((mailstore($root, '', 'check'))[1], '', 'and nothing is wrong');
			is(scalar(grep { octets_of($_) eq $text } messages($root, $bob)), 3, 'all messages are whole');
		});
	cmp_ok($faults, '>', 15, "$fault: $faults times");
}
done_testing();
