#!/usr/bin/perl
# Everything below the mail root belongs to its owner.  mailstore check names what does
# not; check -r gives it back only in a mail root of root's own: elsewhere it is not root
# any more, and says so instead.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;

needs_root();

my $user = 23_456;
my $bob = 'bob@example.com';
my @foreign = ('accounts/example.com', 'passwords/example.com/bob', 'mail/example.com/bob/cur', 'mail/example.com/bob/pop3-lock',
    'mail/example.com/bob/new/1700000001.one.host,S=20,W=23');

sub new_case {
	my ($owner, $other) = @_;
	my $root = new_root();
	mkdir $root, 0700 or die "$root: $!\n";
	chown $owner, $owner, $root or die "$root: $!\n";
	add($root, $bob, 'secret');
	put($root, $foreign[-1], "Subject: one\n\nfirst\n");
	chown $other, $other, map { "$root/$_" } @foreign;
	return $root;
}

sub owner_of {
	return (lstat $_[0])[4];
}

my $what = 'belongs to another user than the mail root';
my $root = new_case(0, $user);
my ($status, $output) = mailstore($root, '', 'check');
is_deeply([ sort split /\n/, $output ], [ sort map { "$_: $what" } @foreign ], 'each is found');
is($status, 65, 'exit status');
($status, $output) = mailstore($root, '', 'check', '-r');
is_deeply([ sort split /\n/, $output ], [ sort map { "$_: $what; belongs to the same now" } @foreign ], 'and given back');
is($status, 0, 'exit status');
is(owner_of("$root/$_"), 0, $_) for @foreign;
is((mailstore($root, '', 'check'))[1], '', 'nothing is wrong then');

$root = new_case($user, 0);
for my $flags ([], ['-r']) {
	($status, $output) = mailstore($root, '', 'check', @$flags);
	like($output, qr/^\Q$_\E: \Q$what\E$/m, "check @$flags: $_") for @foreign[0, 1, 3];
	is($status, 65, 'exit status');
	is(owner_of("$root/$_"), 0, 'nothing is done about it') for @foreign;
}

# One mailbox that cannot be entered does not end the walk.
add($root, 'ann@example.org');
chown 0, 0, "$root/mail/example.com/bob" or die "$!\n";
put($root, 'mail/example.org/STRAY', '');
($status, $output) = mailstore($root, '', 'check');
like($output, qr{^mail/example\.com/bob: cannot be opened: Permission denied$}m, 'a mailbox that cannot be entered');
like($output, qr{^mail/example\.org/STRAY: does not belong here}m, 'and what comes behind it');
done_testing();
