# -f: what a filter writes to its standard output is delivered in the place of the message,
# octet for octet, with sizes in its name that are true, and POP3 serves it so.
use strict;
use warnings;
use lib 'tests/lib';
use Filter;
use MailTest;

my $message = "Subject: as it was sent\n\nThe text.\n";

# What is stored when the filter writes this; the message must have been taken.
sub replaced {
	my ($name, $script, %with) = @_;
	my $root = new_root([ 'bob@example.com', 'secret' ]);
	my $filter = new_filter($script);
	like(scalar mail_through(root => $root, filter => $filter, to => ['<bob@example.com>'], message => $message, %with),
	    qr/^250 2\.0\.0 OK id=\S+$/, "$name: taken"); ## smtp-stdio-filter
	my ($path, @others) = messages($root, 'bob@example.com');
	is(scalar @others, 0, "$name: once");
	ok(has_true_sizes($path), "$name: the sizes in its name are true") or diag $path; ## smtp-stdio-store-a
	is_deeply([ left_over($root) ], [], "$name: nothing is left over"); ## smtp-stdio-store-c
	is_as_listed($name, $root, $path);
	return contents($path);
}

# What LIST, STAT and RETR say is the file's.
sub is_as_listed {
	my ($name, $root, $path) = @_;
	my $wire = contents($path) =~ s/\r?\n/\r\n/gr;
	$wire .= "\r\n" if $wire !~ /\n\z/;
	my ($output) = run("USER bob\@example.com\r\nPASS secret\r\nSTAT\r\nLIST 1\r\nRETR 1\r\nQUIT\r\n",
	    [ program('pop3-stdio'), '-d', $root, '-p' ]);
	my $size = length $wire;
	like($output, qr/^\+OK 1 $size\r\n\+OK 1 $size\r\n/m, "$name: STAT and LIST"); ## pop3-1939-5-c
	my ($text) = $output =~ /^\+OK 1 $size\r\n\+OK 1 $size\r\n\+OK[^\n]*\n(.*?)^\.\r\n/ms;
	$text = '' unless defined $text;
	is($text =~ s/^\.//mgr, $wire, "$name: RETR"); ## pop3-1939-5-g
}

is(replaced('one octet', 'printf x'), 'x', 'one octet'); ## smtp-stdio-filter
is(replaced('an empty line', 'echo'), "\n", 'an empty line'); ## smtp-stdio-filter
is(replaced('no last line end', 'printf "Subject: y\n\nno end"'), "Subject: y\n\nno end", 'without a last line end'); ## smtp-stdio-filter
is(replaced('dots', 'printf ".\n..\n.x\n\n.\n"'), ".\n..\n.x\n\n.\n", 'lines of dots'); ## smtp-stdio-filter
is(replaced('a smuggled end', 'printf "a\n.\nMAIL FROM:<x@y>\n"'), "a\n.\nMAIL FROM:<x\@y>\n", 'what looks like an end'); ## smtp-stdio-filter
is(replaced('CRLF line ends', q(printf 'Subject: y\r\n\r\n.text\r\n')), "Subject: y\n\n.text\n", 'CRLF line ends'); ## smtp-stdio-filter
is(replaced('CRLF and LF', q(printf 'Subject: y\r\n\na\r\nb\n')), "Subject: y\n\na\nb\n", 'line ends of both kinds'); ## smtp-stdio-filter
is(replaced('octets from 0x80 on', q(printf 'Subject: \351\377\n\n\200\n')), "Subject: \xe9\xff\n\n\x80\n", 'octets from 0x80 on'); ## smtp-stdio-filter
is(replaced('a NUL', q(printf 'Subject: y\n\na\000b\n')), "Subject: y\n\na\0b\n", 'a NUL'); ## smtp-stdio-filter
is(replaced('bare CR', q(printf 'Subject: y\n\na\rb\r\r\n\rc\n')), "Subject: y\n\na\rb\r\n\rc\n", 'bare CR stay'); ## smtp-stdio-filter
is(replaced('a CR at the end', q(printf 'Subject: y\r\n\r\na\r')), "Subject: y\n\na\r", 'a CR at the end stays'); ## smtp-stdio-filter
is(replaced('a header without a body', 'echo Subject: y'), "Subject: y\n", 'a header without a body'); ## smtp-stdio-filter
is(replaced('a line of 100000 octets', q(head -c 100000 /dev/zero | tr '\000' x)), 'x' x 100000, 'one long line'); ## smtp-stdio-filter
is(replaced('bigger', 'cat; n=0; while [ $n -lt 5000 ]; do echo "a footer, and yet another line of it"; n=$((n + 1)); done')
    =~ /^The text\.\n(.*)/ms && $1, "a footer, and yet another line of it\n" x 5000, 'much bigger'); ## smtp-stdio-filter

my $same = replaced('cat', 'cat');
is(without_trace($same), $message, 'cat: the same message'); ## smtp-stdio-filter
like($same, qr/\AReturn-Path: <sender\@client\.example>\nReceived: from client\.example /, 'with its trace lines once'); ## smtp-5321-4.4-a
is(() = $same =~ /^(?:Return-Path|Received):/mg, 2, 'and no more of them');
like(replaced('at the end of the header', q(sed '1,/^$/s/^$/X-Filter: seen\n/')), qr/^Subject: as it was sent\nX-Filter: seen\n\nThe text\.\n\z/m,
    'a header line at the end'); ## smtp-stdio-filter

# It may be as big as a message, and some more for the lines that we have put on top.
for my $case ([ 10240, 1 ], [ 20000, 0 ], [ 1000000, 0 ]) {
	my ($length, $fits) = @$case;
	for my $script ("head -c $length /dev/zero | tr '\\000' x", "head -c $length /dev/zero | tr '\\000' x; exit 0",
	    "trap '' XFSZ; head -c $length /dev/zero | tr '\\000' x; exit 0") {
		my $root = new_root('bob@example.com');
		my $reply = mail_through(root => $root, filter => new_filter($script), flags => [ '-m', '10k' ],
		    to => ['<bob@example.com>']);
		like($reply, $fits ? qr/^250 2\.0\.0 / : qr/^451 4\.3\.0 /, "-m 10k, and it writes $length: $script"); ## smtp-stdio-filter
		my @there = messages($root, 'bob@example.com');
		is(scalar @there, $fits, $fits ? 'delivered' : 'nothing is delivered, least of all a part'); ## smtp-stdio-filter
		is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c
	}
}
my $longest = "Subject: x\n\n" . 'y' x 78 . "\n";
$longest .= "y" x 78 . "\n" while length crlf($longest) < 10240 - 80;
$longest .= "y" x (10240 - 2 - length crlf($longest)) . "\n";
is(length crlf($longest), 10240, 'a message as long as -m allows');
is(without_trace(replaced('the longest message', 'cat', message => $longest, flags => [ '-m', '10k' ])), $longest, 'comes through cat'); ## smtp-stdio-filter
is(length replaced('-m 0', q(head -c 3000000 /dev/zero | tr '\000' x), flags => [ '-m', 0 ]), 3000000, 'without a limit'); ## smtp-stdio-filter

# What is written when the filter has ended is no part of the message, which is in sight then.
my $root = new_root('bob@example.com');
my $filter = new_filter('(exec 3<&-; while [ ! -e "$at/go" ]; do sleep 0.05; done; echo late; echo late >"$at/went") & echo early');
my ($at) = $filter =~ m{^(.*)/};
like(mail_through(root => $root, filter => $filter, to => ['<bob@example.com>']), qr/^250 2\.0\.0 /, 'it leaves a child behind');
my ($path) = messages($root, 'bob@example.com');
is(contents($path), "early\n", 'the message is what was there at its end'); ## smtp-stdio-filter
open my $go, '>', "$at/go" or die;
close $go;
wait_until { -e "$at/went" } 3;
is(contents($path), "early\n", 'and stays so'); ## smtp-stdio-filter
ok(has_true_sizes($path), 'its sizes are true');

done_testing;
