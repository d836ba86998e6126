#!/usr/bin/perl
# Where a domain has a million accounts, RCPT makes the same system calls as where it has ten.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program);
use StoreTest;
use Test::More;

my $MANY = $ARGV[0] || 1_000_000;
my $DIRECTORIES = $MANY + 100_000;

# An account is a directory; a million of them are quickly made and removed in memory.
sub free_inodes {
	my ($directory) = @_;
	my (undef, $free) = split ' ', `df --output=iavail '$directory' 2>/dev/null` || '';
	return $free || 0;
}

plain_build('system calls');
needs_strace();
my ($parent) = grep { -w $_ && free_inodes($_) > $DIRECTORIES } '/dev/shm', $ENV{TMPDIR} || '/tmp';
StoreTest::missing("needs a file system with room for $DIRECTORIES files") unless $parent;
$ENV{TMPDIR} = $parent;

# A session with these recipients: the codes of the replies, and the system calls, each with
# the file that it names.
sub calls {
	my ($root, @to) = @_;
	my ($output, $status) = smtp_session($root, join('', map { "$_\r\n" } 'EHLO client.example', 'MAIL FROM:<sender@client.example>',
	    map({ "RCPT TO:<$_>" } @to), 'QUIT'), before => [ 'strace', '-f', '-q', '-o', "$root.trace" ]);
	is($status, 0, 'a good end');
	my @calls = map { s/^\d+ +//r } grep { !/\+\+\+/ } split /\n/, octets_of("$root.trace");
	unlink "$root.trace";
	s/\Q$root\E/ROOT/g, s/^(getrandom|readv?|writev?)\(.*/$1/ for @calls;
	return ([ $output =~ /^(\d\d\d \d\.\d\.\d)/mg ], [ map { /^(\w+(?:\((?:\w+, )?"[^"]*")?)/ ? $1 : () } @calls ]);
}

my ($small, $big) = (new_root(), new_root());
for my $root ($small, $big) {
	add($root, "user$_\@example.com", undef) for 1 .. 10;
}
for (11 .. $MANY) {
	mkdir "$big/accounts/example.com/user$_", 0700 or die "user$_: $!\n";
}

my @to = ('user7@example.com', 'user7+tag@example.com', 'nobody@example.com', 'USER9@EXAMPLE.COM', 'postmaster@example.net');
my ($said_small, $calls_small) = calls($small, @to);
my ($said_big, $calls_big) = calls($big, @to);
is_deeply($said_big, $said_small, 'the replies are the same');
is(scalar(grep { /^250 2\.1\.5/ } @$said_big), 3, 'some are taken') or diag "@$said_big";
cmp_ok(scalar(grep { /^openat.*"user7"/ } @$calls_small), '>', 0, 'the look-ups can be seen');
is_deeply($calls_big, $calls_small, sprintf 'and so are the system calls, of which there are %d', scalar @$calls_small);     ## smtp-stdio-store-m
is(scalar(grep { /^getdents/ } @$calls_big), 0, 'no directory is read');        ## smtp-stdio-store-m

# One of the last is as near as the first.
(my $said, $calls_big) = calls($big, "user$MANY\@example.com");
is($said->[-2], '250 2.1.5', "user$MANY is there");
($said, $calls_small) = calls($small, 'user10@example.com');
is(scalar @$calls_big, scalar @$calls_small, 'and found as quickly');   ## smtp-stdio-store-m
done_testing();
