# What the printed conversations with a PROXY header cannot show: silence before it, headers
# cut everywhere, 65535 octets to pass over, time limits, sockets, and whom the programs
# that a session runs are told.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(encoded);

my $root = new_root([ 'bob@example.com', 'secret' ]);
my @NAMES = ('smtp-stdio', 'pop3-stdio');

my $line = "PROXY TCP4 192.0.2.1 192.0.2.25 56324 25\r\n";
my $signature = "\r\n\r\n\0\r\nQUIT\n";
my $ipv4 = pack 'C4C4nn', 192, 0, 2, 1, 192, 0, 2, 25, 56324, 25;
my $local = block(0x20, 0, '');

sub block {
	my ($command, $family, $octets) = @_;
	return $signature . pack('CCn', $command, $family, length $octets) . $octets;
}

# A session to its end.  Returns its output, its status and its log.
sub session {
	my ($name, $flags, $input, %with) = @_;
	my $piece = delete $with{piece};
	my $log = new_file('log');
	my $client = start($name, $root, [ '-h', 'mail.example.org', '-p', '-P', @$flags ], errors => $log, %with);
	$client->send($input, $piece);
	$client->close_input unless $with{stay};
	return ($client->rest, $client->status, contents($log));
}

sub peer_in {
	my ($log) = @_;
	return $log =~ / session peer=(\S+) / ? $1 : $log;
}

# What each program says to a client that comes, asks for nothing, and leaves
my %polite = (
	'smtp-stdio' => [ "NOOP\r\nQUIT\r\n", qr/\A220 mail\.example\.org [^\n]*\n250 2\.0\.0 [^\n]*\n221 2\.0\.0 [^\n]*\n\z/ ],
	'pop3-stdio' => [ "CAPA\r\nQUIT\r\n", qr/\A\+OK mail\.example\.org [^\n]*\n\+OK [^\n]*\n(?:[A-Z][^\n]*\n)+\.\r\n\+OK [^\n]*\n\z/ ],
);

# What a header names nobody by, and what one has behind the addresses, is passed over
my @headers = (
	[ 'a line', $line, '192.0.2.1' ],
	[ 'a line with IPv6', "PROXY TCP6 2001:db8::1 2001:db8::25 56324 25\r\n", '2001:db8::1' ],
	[ 'a line that names nobody', "PROXY UNKNOWN\r\n", undef ],
	[ 'the longest line', 'PROXY UNKNOWN ' . 'x' x 91 . "\r\n", undef ],
	[ 'a block', block(0x21, 0x11, $ipv4), '192.0.2.1' ],
	[ 'a block with a little more', block(0x21, 0x11, $ipv4 . pack('Cn/a', 4, "QUIT\r\n")), '192.0.2.1' ],
	[ 'a block with as much as can be', block(0x21, 0x11, $ipv4 . "QUIT\r\n" x 10920 . 'QUI'), '192.0.2.1' ],
	[ 'a block of the balancer itself', $local, undef ],
	[ 'the same with as much as can be', block(0x20, 0x11, "NOOP\r\n" x 10922 . 'NOO'), undef ],
	[ 'a block that says nothing', block(0x21, 0, ''), undef ],
	[ 'a block of a Unix socket', block(0x21, 0x31, '/' x 216), undef ],
	[ 'a block of datagrams', block(0x21, 0x12, $ipv4), undef ],
);
for my $name (@NAMES) {
	my ($commands, $replies) = @{$polite{$name}};
	for (@headers) {
		my ($what, $header, $peer) = @$_;
		for my $way ([ 'in one piece', wire => 'tcp' ], [ 'octet by octet', wire => 'records', piece => 1 ],
		    [ 'by pipes', wire => 'pipes' ]) {
			my ($how, %with) = @$way;
			my ($output, $status, $log) = session($name, [], "$header$commands", %with);
			like($output, $replies, "$name, $what, $how: what stands behind it is done"); ## proxy-b proxy-v1-a proxy-v1-b proxy-v2-a proxy-v2-b
			is($status, 0, "$name, $what, $how: a good end"); ## proxy-b
			my $other = $with{wire} eq 'tcp' ? '127.0.0.1' : 'unknown';
			is(peer_in($log), defined $peer ? $peer : $other, "$name, $what, $how: the peer"); ## smtp-stdio-peer proxy-v1-b proxy-v2-a proxy-v2-b
		}
	}
}

# Cut short at every octet: not a word, and nothing done
for my $name (@NAMES) {
	for (@headers) {
		my ($what, $header) = @$_;
		next if length $header > 200;
		my @wrong;
		for my $length (0 .. length($header) - 1) {
			my ($output, $status, $log) = session($name, [], substr $header, 0, $length);
			push @wrong, "$length: $status " . Program::visible($output)
			    if $output ne '' || $status ne '77' || $log !~ / end=no-proxy-header /;
		}
		is("@wrong", '', "$name, $what: cut anywhere it is none"); ## proxy-a proxy-v2-c
	}
	for my $missing (1, 100, 65000) {
		my ($output, $status) = session($name, [], substr block(0x20, 0, 'x' x 65535), 0, -$missing);
		is("$output$status", '77', "$name: $missing octets missing of those to be passed over"); ## proxy-a proxy-v2-a
	}
}

# What is no header ends the session at once, without waiting for more, and what stands
# behind it is not done
my @others = (
	[ 'a client that speaks first', "EHLO client.example\r\n" ],
	[ 'one octet that cannot begin a header', 'E' ],
	[ 'a TLS handshake', "\x16\3\1\2\0\1" ],
	[ 'small letters', "proxy TCP4 192.0.2.1 192.0.2.25 56324 25\r\n" ],
	[ 'a field missing', "PROXY TCP4 192.0.2.1 192.0.2.25 56324\r\n" ],
	[ 'a blank too many', "PROXY TCP4 192.0.2.1  192.0.2.25 56324 25\r\n" ],
	[ 'a zero in front of a port', "PROXY TCP4 192.0.2.1 192.0.2.25 056324 25\r\n" ],
	[ 'a port too big', "PROXY TCP4 192.0.2.1 192.0.2.25 65536 25\r\n" ],
	[ 'IPv6 where IPv4 was said', "PROXY TCP4 2001:db8::1 2001:db8::25 56324 25\r\n" ],
	[ 'a bare LF', "PROXY TCP4 192.0.2.1 192.0.2.25 56324 25\nNOOP\r\n" ],
	[ 'a bare CR', "PROXY TCP4 192.0.2.1 192.0.2.25 56324 25\rNOOP\r\n" ],
	[ 'a line of 108 octets', 'PROXY UNKNOWN ' . 'x' x 92 . "\r\n" ],
	[ 'a line without an end', 'PROXY UNKNOWN ' . 'x' x 93 ],
	[ 'version 1 in a block', block(0x11, 0x11, $ipv4) ],
	[ 'command 2', block(0x22, 0x11, $ipv4) ],
	[ 'family 4', block(0x21, 0x41, $ipv4) ],
	[ 'protocol 3', block(0x21, 0x13, $ipv4) ],
	[ 'too short for its family', block(0x21, 0x21, $ipv4) ],
	[ 'a signature with a fault', $signature =~ s/\n\z/ /r ],
);
my %does_harm = (
	'smtp-stdio' => "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob\@example.com>\r\nBDAT 3 LAST\r\nx\r\nQUIT\r\n",
	'pop3-stdio' => "USER bob\@example.com\r\nPASS secret\r\nQUIT\r\n",
);
for my $name (@NAMES) {
	for (@others) {
		my ($what, $octets) = @$_;
		for my $behind ('', $does_harm{$name}) {
			my ($output, $status, $log) = session($name, [], "$octets$behind", wire => 'socket', stay => 1);
			is($output, '', "$name, $what" . ($behind && ', commands behind') . ': not a word'); ## proxy-a proxy-v1-a proxy-v1-b proxy-v2-c
			is($status, 77, "$name, $what: refused"); ## proxy-a
			like($log, qr/\A(?:[^\n]* start [^\n]*\n)?[^\n]* session peer=unknown [^\n]* end=no-proxy-header [^\n]*\n\z/, "$name, $what: and logged, and nothing else is"); ## proxy-a
		}
	}
	# A person's line ends are not a balancer's
	my ($output, $status) = session($name, [ '-n' ], "PROXY TCP4 192.0.2.1 192.0.2.25 56324 25\nQUIT\n");
	is("$output$status", 77, "$name -n: a header still ends in CRLF"); ## proxy-v1-a
	($output, $status) = session($name, [ '-n' ], "${line}QUIT\n");
	like($output, qr/\A[^\n]*\n[^\n]*\n\z/, "$name -n: and what is behind it in LF"); ## proxy-b
}
is(scalar messages($root, 'bob@example.com'), 0, 'and no message has come'); ## proxy-a

# Who sends nothing, or half a header, hears nothing, whatever ends the waiting
for my $name (@NAMES) {
	for my $part ('', substr($line, 0, 20), $signature, block(0x20, 0, 'x' x 300) =~ s/x\z//r) {
		my $what = length($part) . ' octets of a header';
		my $client = start($name, $root, [ '-P', '-t', 1 ]);
		$client->send($part);
		is($client->rest, '', "$name, $what: silence until the time is up"); ## proxy-a
		is($client->status, 75, "$name, $what: the time was up"); ## proxy-a
	}
	my $log = new_file('log');
	my $client = start($name, $root, [ '-P' ], errors => $log);
	$client->send(substr $line, 0, 20);
	# It reads when it is ready to be stopped
	my $FIONREAD = 0x541b;
	my $left = pack 'i', 0;
	SKIP: {
		skip('needs Linux: to see that the input was read', 2) if $^O ne 'linux';
		wait_until { ioctl $client->{to}, $FIONREAD, $left; unpack('i', $left) == 0 };
		$client->signal('TERM');
		is($client->rest, '', "$name: not a word at a shutdown"); ## proxy-a
		is($client->status, 75, "$name: stopped"); ## proxy-a
	}
	like(contents($log), qr/ session peer=unknown .* end=stopped /, "$name: and logged"); ## proxy-a
}

# Where nothing works, that is not said before the header either
for my $name (@NAMES) {
	my $client = start($name, "$root/missing", [ '-P' ]);
	$client->close_input;
	is($client->rest, '', "$name: not a word without a header, not even where the mail root is missing"); ## proxy-a
	$client = start($name, "$root/missing", [ '-P' ]);
	$client->send($line);
	$client->close_input;
	like($client->rest, qr/\A(?:421 |-ERR \[SYS)[^\n]*\n\z/, "$name: but with one"); ## proxy-a
	is($client->status, 75, "$name: and the end is that of the mail root"); ## proxy-a
}

# STARTTLS and STLS: the program that the wrapper runs is told who the client is, and has
# no -P, for there is no second header
my %verb = ('smtp-stdio' => 'STARTTLS', 'pop3-stdio' => 'STLS');
for my $name (@NAMES) {
	my $log = new_file('log');
	my $client = start($name, $root, [ '-P', '-T', 'env %' ], wire => 'tcp', errors => $log);
	$client->send($line);
	$client->line;
	$client->send("$verb{$name}\r\n");
	like($client->line, qr/^(?:220|\+OK) /, "$name: the wrapper is run");
	$client->send("QUIT\r\n");
	like($client->rest, qr/\A(?:221|\+OK) [^\n]*\n\z/, "$name: and no header is awaited behind it"); ## proxy-b
	is_deeply([ contents($log) =~ / session peer=(\S+) /g ], [ ('192.0.2.1') x 2 ], "$name: the same peer before and after"); ## smtp-stdio-peer

	my %told;
	for ([ named => $line ], [ local => $local ]) {
		my ($what, $header) = @$_;
		$client = start($name, $root, [ '-P', '-T', 'env' ], wire => 'tcp', environment => { REMOTE_ADDR => '192.0.2.99', REMOTE_PORT => 9 });
		$client->send($header);
		$client->line;
		$client->send("$verb{$name}\r\n");
		$client->line;
		my %environment = map { /^([^=]+)=(.*)/ ? ($1, $2) : () } split /\n/, $client->rest;
		$told{$what} = [ @environment{'REMOTE_ADDR', 'REMOTE_PORT'} ];
	}
	is_deeply($told{named}, [ '192.0.2.1', 56324 ], "$name: a wrapper is told whom the header names"); ## smtp-stdio-peer
	is($told{local}[0], '127.0.0.1', "$name: and the other end, where it names nobody"); ## smtp-stdio-peer
}
{
	my ($output) = session('smtp-stdio', [ '-T', 'echo %' ], "${line}STARTTLS\r\n", wire => 'socket', stay => 1);
	my ($arguments) = $output =~ /^220 [^\n]*\n220 [^\n]*\n(.*)/s;
	like($arguments || '', qr/ -s -g\n\z/, 'smtp-stdio: the command line behind the wrapper') or diag($output);
	unlike($arguments || ' -P', qr/ -\w*P/, 'smtp-stdio: has no -P'); ## proxy-c
}

# A filter is told, too
{
	my $seen = new_file('seen');
	my $filter = new_file('filter');
	open my $script, '>', $filter or die "$filter: $!\n";
	print $script "#!/bin/sh\nprintf %s \"\$REMOTE_ADDR\" >$seen\n";
	close $script;
	chmod 0755, $filter;
	my ($output, $status) = session('smtp-stdio', [ '-f', $filter ],
	    "${line}HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");
	like($output, qr/^354 .*\n250 2\.0\.0 /m, 'a filter runs') or diag($output);
	is(-e $seen ? contents($seen) : 'nothing', '192.0.2.1', 'and is told whom the header names'); ## smtp-stdio-peer
}

# A login that fails is logged with the client's address, whichever way it is tried
for my $name (@NAMES) {
	my ($hello) = $name eq 'smtp-stdio' ? "EHLO c\r\n" : '';
	for ([ 'a wrong password', encoded("\0bob\@example.com\0wrong") ], [ 'a message that is none', encoded('bob') ]) {
		my ($what, $message) = @$_;
		my (undef, undef, $log) = session($name, [], "$line${hello}AUTH PLAIN $message\r\n", wire => 'tcp');
		is_deeply([ $log =~ /(login-failed|session) peer=(\S+)/g ], [ 'login-failed', '192.0.2.1', 'session', '192.0.2.1' ],
		    "$name: $what: the address is the client's"); ## smtp-stdio-peer
	}
}
done_testing;
