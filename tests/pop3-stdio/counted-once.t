#!/usr/bin/perl
# What another program has put into new/ without sizes in its name is counted by the first
# session and not even opened by the second.  In cur/ names stay, so it is counted each time.
# Numbers, sizes and unique-ids are the same in both, whatever the line ends.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(crlf);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $bob = 'bob@example.com';
my $text = "Subject: here\n\n.dot\nlast\n";
my @messages = (
	[ 'new/1700000001.lf.host',            $text,                       1 ],
	[ 'new/1700000002.crlf.host',          crlf($text),                 1 ],
	[ 'new/1700000003.cut.host',           substr($text, 0, -1),        1 ],
	[ 'new/1700000004.crlf-cut.host',      substr(crlf($text), 0, -2),  1 ],
	[ 'new/1700000005.flags.host:2,S',     $text,                       1 ],
	[ 'new/1700000006.half.host,W=' . length crlf($text), $text,        1 ],
	[ 'new/1700000007.odd.host,x=y',       $text,                       1 ],
	[ 'cur/1700000008.lf.host:2,S',        $text,                       0 ],
	[ 'cur/1700000009.crlf.host:2,FS',     crlf($text),                 0 ],
	[ 'cur/1700000010.half.host,S=' . length($text) . ':2,', $text,     0 ],
);

my $root = new_root();
add($root, $bob, 'secret');
put($root, "mail/example.com/bob/$_->[0]", $_->[1]) for @messages;

# A session that lists all messages and reads some.  Returns what was said, and the names of
# the messages that were opened before anything was to be read.
sub session {
	my (@commands) = @_;
	my $trace = "$root.trace";
	my ($output, $status) = pop3_session($root, join('', map { "$_\r\n" } "USER $bob", 'PASS secret', 'LIST', 'UIDL', @commands, 'QUIT'),
	    before => [ 'strace', '-f', '-qq', '-s', '300', '-o', $trace, '-e', 'trace=openat' ]);
	is($status, 0, 'a good end');
	my @opened = octets_of($trace) =~ m{"(17000000\d\d\.[^"]*)"}g;
	unlink $trace;
	return ($output, @opened);
}

my ($first, @opened) = session();
is(scalar @opened, @messages, 'the first session opens and counts all');       ## pop3-store-a
my $size = length crlf($text);
like($first, qr/^$_ $size\r\n/m, "message $_ has its size") for 1 .. @messages;         ## pop3-store-a pop3-1939-5-c
my @names = entries(maildir($root, $bob));
for (@messages) {
	my ($name, $octets, $is_new) = @$_;
	my ($base, $flags) = $name =~ /^([^,:]*)(?:,[^:]*)?(:.*)?\z/;
	my @found = grep { /^\Q$base\E/ } @names;
	is(scalar @found, 1, "$base is there");
	if ($is_new) {
		my $sizes = sub { $found[0] =~ /,\Q$_[0]\E(?:[,:]|\z)/ };
		ok($sizes->('S=' . length $octets) && $sizes->("W=$size"), 'its name carries the sizes now') or diag $found[0];  ## pop3-store-a
		is(substr($found[0], -length($flags || '')), $flags, 'its flags are at their place') if $flags;
	} else {
		is($found[0], $name, 'its name is as it was');  ## pop3-store-a
	}
}

(my $second, @opened) = session();
is($second, $first, 'the second session says the same, octet for octet');       ## pop3-1939-7-c pop3-store-a
is_deeply([ sort @opened ], [ map { s{^cur/}{}r } grep { m{^cur/} } map { $_->[0] } @messages ], 'and opens only what is in cur/');    ## pop3-store-a

(my $third) = session(map { "RETR $_" } 1 .. @messages);
is(scalar(() = $third =~ /^\+OK $size octets\r\nSubject: here\r\n\r\n\.\.dot\r\nlast\r\n\.\r\n/mg), scalar @messages,
    'each is sent with whole lines, and as long as was said');         ## pop3-1939-5-g pop3-store-a
done_testing();
