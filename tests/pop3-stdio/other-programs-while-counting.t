#!/usr/bin/perl
# Messages whose names carry no sizes are counted at login, which takes a while.  What another
# program moves or renames meanwhile is found where it is then; what it removes is left out.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(crlf);
use StoreTest;
use Test::More;
use Time::HiRes qw(sleep time);

my $bob = 'bob@example.com';
my $MEBIBYTE = 1 << 20;

StoreTest::missing('needs to see what files a process has open (in /proc)') unless -d "/proc/$$/fd";

sub text {
	my ($name) = @_;
	return "Subject: $name\n\n$name\n";
}

# A mailbox whose first message, in new/, takes long to count: it is all zeros, and on a
# file system that knows holes takes no room.
sub mailbox {
	my ($mebibytes) = @_;
	my $root = new_root();
	add($root, $bob, 'secret');
	put($root, 'mail/example.com/bob/new/1000.big', '');
	truncate maildir($root, $bob) . '/new/1000.big', $mebibytes * $MEBIBYTE or die "truncate: $!\n";
	for ('new/2001.seen', 'new/2002.sized', 'new/2003.gone', 'new/2004.untouched', 'cur/2005.flagged:2,',
	    'cur/2006.gone:2,S', 'cur/2007.back:2,S', 'cur/2008.untouched:2,') {
		my ($name) = m{\.(\w+)};
		put($root, "mail/example.com/bob/$_", text($name));
	}
	return $root;
}

# Logs in, and stops the program while it reads the first message.  Returns a Program, or
# undef where it was done before it could be stopped.
sub stopped_while_counting {
	my ($root) = @_;
	my $client = pop3($root);
	ask($client, "USER $bob");
	$client->send("PASS secret\r\n");
	my $deadline = time + 30;
	my $is_counting = sub {
		return grep { (readlink($_) || '') =~ m{/1000\.big} } glob "/proc/$client->{pid}/fd/*";
	};
	until ($is_counting->()) {
		return if -e maildir($root, $bob) . '/pop3-lock' && glob(maildir($root, $bob) . '/new/1000.big,*') || time > $deadline;
		sleep 0.002;
	}
	$client->signal('STOP');
	my $is_stopped = sub { octets_of("/proc/$client->{pid}/stat") =~ /\) T / };
	sleep 0.002 until $is_stopped->() || time > $deadline;
	return $client if $is_counting->();
	$client->signal('CONT');
	return;
}

my ($root, $client, $mebibytes);
for ($mebibytes = 256; !$client && $mebibytes <= 8192; $mebibytes *= 2) {
	MailRoot::remove_directory($root) if $root;
	$root = mailbox($mebibytes);
	$client = stopped_while_counting($root);
}
ok($client, 'a program is stopped while it counts') or BAIL_OUT('cannot go on');
my $size = $mebibytes / 2 * $MEBIBYTE + 2;

my $maildir = maildir($root, $bob);
my $octets = length text('sized');
for (['new/2001.seen', 'cur/2001.seen:2,S'], ['new/2002.sized', "new/2002.sized,S=$octets"], ['cur/2005.flagged:2,', 'cur/2005.flagged:2,FS'],
    ['cur/2007.back:2,S', 'new/2007.back']) {
	rename "$maildir/$_->[0]", "$maildir/$_->[1]" or die "$_->[0]: $!\n";
}
unlink "$maildir/$_" or die "$_: $!\n" for 'new/2003.gone', 'cur/2006.gone:2,S';
$client->signal('CONT');
like($client->line, qr/^\+OK/, 'the login succeeds');

my @there = qw(seen sized untouched flagged back untouched);
my ($first, $list) = lines($client, 'LIST');
is($list, join('', "1 $size\r\n", map { $_ + 2 . ' ' . length(crlf(text($there[$_]))) . "\r\n" } 0 .. $#there),
    'all that are there are counted, and those that are gone are not');       ## pop3-store-a pop3-store-c pop3-store-d
is((lines($client, 'UIDL'))[1], join('', map { "$_\r\n" } '1 1000.big', '2 2001.seen', '3 2002.sized', '4 2004.untouched', '5 2005.flagged',
    '6 2007.back', '7 2008.untouched'), 'under their own unique-ids');        ## pop3-store-c
for (0 .. $#there) {
	my ($first, $text) = lines($client, 'RETR ' . ($_ + 2));
	is($text, crlf(text($there[$_])), "$there[$_] can be read");             ## pop3-store-c
}
like(ask($client, 'QUIT'), qr/^\+OK/, 'QUIT');
is($client->status, 0, 'a good end');

is_deeply([ grep { m{/} && !m{1000} } entries($maildir) ], [ 'cur/2001.seen:2,S', 'cur/2005.flagged:2,FS', 'cur/2008.untouched:2,',
    sprintf('new/2002.sized,S=%d,W=%d', length text('sized'), length crlf(text('sized'))),
    sprintf('new/2004.untouched,S=%d,W=%d', length text('untouched'), length crlf(text('untouched'))),
    sprintf('new/2007.back,S=%d,W=%d', length text('back'), length crlf(text('back'))) ],
    'names in new/ carry the sizes now, and names in cur/ are as they were');        ## pop3-store-a
done_testing();
