#!/usr/bin/perl
# A maildrop of a million messages whose names carry their sizes is listed, read and emptied
# in one session.  It takes at most 64 octets of memory for a message, beside its name.  The
# times are told, and not judged.
use strict;
use warnings;
use lib 'tests/lib';
use Maildrop qw(fill_maildrop measured_session octets_a_message);
use MailRoot qw(messages);
use StoreTest;
use Test::More;

my $OCTETS = 64;
my $count = $ARGV[0] || 1_000_000;
my $bob = 'bob@example.com';

plain_build('memory');

sub session {
	my ($count) = @_;
	my $root = new_root();
	add($root, $bob, 'secret');
	my $names = fill_maildrop(maildir($root, $bob), $count);
	my $found = measured_session($root, $bob, 'secret', $names);
	$found->{left} = messages($root, $bob);
	return $found;
}

my $empty = session(0);
my $found = session($count);
is_deeply($found->{count}, [ ($count) x 4 ], 'STAT, LIST, UIDL and DELE know all of them');     ## pop3-store-g
is($found->{text}, "Subject: one\r\n\r\nfirst\r\n.\r\n", 'RETR gives one of them');
is($found->{status}, 0, 'a good end');
is($found->{left}, 0, 'and nothing is left');   ## pop3-1939-6-a
cmp_ok($empty->{kib}, '>', 0, 'the memory of processes can be seen') or diag 'is there a /proc?';
my $octets = sprintf '%.1f', octets_a_message($empty, $found);
cmp_ok($octets, '<=', $OCTETS, "$octets octets a message beside the names");     ## pop3-store-m

my @steps = @{$found->{steps}};
diag sprintf '%d messages: %s', $count, join ', ', map { sprintf '%s %.3f s', @steps[2 * $_, 2 * $_ + 1] } 0 .. $#steps / 2;
diag sprintf 'memory at most %.1f MiB; %.1f MiB with none; the names have %.1f MiB', $found->{kib} / 1024, $empty->{kib} / 1024,
    $found->{names} / 1048576;
done_testing();
