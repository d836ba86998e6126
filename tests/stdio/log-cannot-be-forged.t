# One line a delivery and one a session, in key=value, with all that they are to say; and
# nothing that a client sends makes another line, another field or another value of them,
# wherever it stands: in EHLO, MAIL, RCPT, AUTH, USER, a PROXY header, the message, or in
# commands that nobody knows.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use MailTest;

# What stands in the lines of each event, in any order; what is in brackets may be missing.
my %FIELDS = (
	delivery => 'id peer helo [user] tls from to [recipients] milliseconds size status [reason]',
	session => 'peer helo [user] tls messages refused faults end milliseconds',
	'login-failed' => 'peer user reason',
	conversation => '[client] [server] [mechanism]',
);
$FIELDS{'pop3 session'} = 'peer user retrieved removed tls faults end milliseconds';

# What a client may hope to be read as something else
my $forged = 'delivery id=1 peer=192.0.2.99 helo=x from=x to=x status=250';
my @hostile = (
	qq{a" peer=192.0.2.99 x="}, qq{"}, q{\\}, qq{a\\}, qq{\\" peer=192.0.2.99 x=\\"}, q{peer=192.0.2.99}, q{=}, q{a=b"c=d},
	" peer=192.0.2.99", "x $forged", "x\n$forged", "x\nsmtp-stdio[1]: $forged\n", "x\r$forged", "x\0$forged", "x\t$forged",
	"<3>$forged", "\e[2K\e[1A$forged", "\x9b2K$forged", "\xe2\x80\xa8$forged", "\xc2\x85$forged", "\xff\xfe=", "J\xc3\xbcrgen",
	'%s%n%s%n', '${jndi:x}', '"' x 250, '\\' x 250, "\xc3\xa9" x 120, ' ' x 200, '"' x 3000, 'x' x 11000,
);

# A line of the log: its event, and its fields as [key, value].  Nothing where it is none.
sub parsed {
	my ($line) = @_;
	my ($event, $fields) = $line =~ /\A(?:smtp|pop3)-stdio\[\d+\]: ([a-z-]+)((?: [a-z-]+=(?:(?:[^\s"=\\]|\\[\\"])+|"(?:[^"\\]|\\[\\"])*"))+)\z/ or return;
	my @fields;
	while ($fields =~ / ([a-z-]+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g) {
		my ($key, $value) = ($1, $2 // $3);
		push @fields, [ $key, $value =~ s/\\(.)/$1/gr ];
	}
	return ($event, @fields);
}

# How the log shows octets: those that are no printable ASCII are question marks.
sub shown {
	return $_[0] =~ s/[^\x20-\x7e]/?/gr;
}

# Runs a program for a client at 192.0.2.1, and looks whether its log has lines of the known
# kinds only, of that client.  Returns the output, and the lines of each event, as hash
# references of their fields.
sub logged {
	my ($what, $input, $command, %with) = @_;
	my ($output, $status, $errors) = with_errors($input, $command, environment => { TCPREMOTEIP => '192.0.2.1' }, limit => 60, %with);
	my (%events, @wrong);

	push @wrong, 'octets that a terminal might take for commands' if $errors =~ /[^\x20-\x7e\n]/;
	for my $line (split /\n/, $errors) {
		next if $line =~ /running as root/;
		my ($event, @fields) = parsed($line);
		my $known = $event && $FIELDS{ $event eq 'session' && $line =~ /^pop3/ ? 'pop3 session' : $event };
		if (!$known) {
			push @wrong, "no known line: $line";
			next;
		}
		my %count;
		$count{ $_->[0] }++ for @fields;
		for my $field (split ' ', $known) {
			my ($may_miss, $key) = $field =~ /^(\[?)([a-z-]+)/;
			my $times = delete $count{$key} || 0;
			push @wrong, "$key $times times: $line" if $times != 1 && !($may_miss && $times == 0);
		}
		push @wrong, "also @{[ sort keys %count ]}: $line" if %count;
		my %value = map { @$_ } @fields;
		push @wrong, "another peer: $line" if defined $value{peer} && $value{peer} ne '192.0.2.1';
		push @{ $events{$event} }, \%value;
	}
	is(join("\n", map { visible($_) } @wrong), '', "$what: no line but of the client's own doing") if @wrong;
	return ($output, $status, \%events, scalar @wrong);
}

sub visible { return Program::visible(@_) }

my $root = new_root([ 'bob@example.com', 'secret' ]);
my @smtp = (program('smtp-stdio'), '-p', '-d', $root, '-e', 1000, '-h', 'mail.example.com');
my @pop3 = (program('pop3-stdio'), '-p', '-d', $root, '-e', 1000, '-h', 'mail.example.com');
my $message = "DATA\r\nSubject: hello\r\n\r\nhello\r\n.\r\n";

subtest 'all that there is to say' => sub {
	my ($output, $status, $events) = logged('a session', "EHLO client.example\r\nAUTH PLAIN " . encode_base64("\0bob\@example.com\0secret", '')
		. "\r\nMAIL FROM:<bob\@example.com>\r\nRCPT TO:<nobody\@example.com>\r\nRCPT TO:<bob\@example.com>\r\nFOO\r\n${message}QUIT\r\n", [ @smtp, '-s' ]);
	my ($id) = $output =~ / OK id=(\S+)/;
	my ($stored) = messages($root, 'bob@example.com');
	my $delivery = $events->{delivery}[0] || {};
	like(delete $delivery->{milliseconds}, qr/^\d+$/, 'how long the message took');
	cmp_ok(delete $delivery->{size}, '>=', 23, 'its size');
	is_deeply($delivery, { id => $id, peer => '192.0.2.1', helo => 'client.example', user => 'bob@example.com', tls => 'yes',
		from => 'bob@example.com', to => 'bob@example.com', status => 250 }, 'and all the rest of the delivery');
	my $session = $events->{session}[0] || {};
	like(delete $session->{milliseconds}, qr/^\d+$/, 'how long the session took');
	is_deeply($session, { peer => '192.0.2.1', helo => 'client.example', user => 'bob@example.com', tls => 'yes',
		messages => 1, refused => 1, faults => 1, end => 'quit' }, 'and all the rest of the session');
	is(@{ $events->{delivery} } + @{ $events->{session} }, 2, 'one line each');

	($output, $status, $events) = logged('POP3', "USER bob\@example.com\r\nPASS secret\r\nRETR 1\r\nDELE 1\r\nFOO\r\nQUIT\r\n", \@pop3);
	$session = $events->{session}[0] || {};
	like(delete $session->{milliseconds}, qr/^\d+$/, 'how long the session took');
	is_deeply($session, { peer => '192.0.2.1', user => 'bob@example.com', tls => 'no', retrieved => 1, removed => 1, faults => 1, end => 'quit' },
		'and all the rest of it');
	is(scalar(messages($root, 'bob@example.com')), 0, 'the mail is gone');
};

# Each place where a client's text may come in: what it says around the text, whether one
# value of the log has the text then, and of which event and key
my $bob = "RCPT TO:<bob\@example.com>\r\n";
my $hello = "EHLO client.example\r\n";
sub quoted { return '"' . $_[0] =~ s/([\\"])/\\$1/gr . '"' }
# A filter that says what the message says
my $filter = new_file('filter');
open my $script, '>', $filter or die "$filter: $!\n";
print $script "#!/bin/sh\nsed -n '/^From: /p' >&2\nexit 77\n";
close $script;
chmod 0755, $filter;
my @places = (
	[ 'EHLO', \@smtp, sub { "EHLO $_[0]\r\nMAIL FROM:<a\@example.org>\r\n$bob$message" }, helo => sub { $_[0] } ],
	[ 'HELO', \@smtp, sub { "HELO $_[0]\r\nMAIL FROM:<a\@example.org>\r\n$bob$message" }, helo => sub { $_[0] } ],
	[ 'LHLO', [ @smtp, '-l' ], sub { "LHLO $_[0]\r\nMAIL FROM:<a\@example.org>\r\n$bob$message" }, helo => sub { $_[0] } ],
	[ 'MAIL', \@smtp, sub { "${hello}MAIL FROM:<" . quoted($_[0]) . "\@example.org>\r\n$bob$message" }, from => sub { quoted($_[0]) . '@example.org' } ],
	[ 'MAIL with SMTPUTF8', \@smtp, sub { "${hello}MAIL FROM:<" . quoted($_[0]) . "\@example.org> SMTPUTF8\r\n$bob$message" },
		from => sub { quoted($_[0]) . '@example.org' } ],
	[ 'a parameter of MAIL', \@smtp, sub { "${hello}MAIL FROM:<a\@example.org> ENVID=$_[0]\r\n$bob$message" } ],
	[ 'an unknown recipient', \@smtp, sub { "${hello}MAIL FROM:<a\@example.org>\r\nRCPT TO:<" . quoted($_[0]) . "\@example.com>\r\n$bob$message" } ],
	[ 'a recipient', [ @smtp, '-c' ], sub { "${hello}MAIL FROM:<a\@example.org>\r\nRCPT TO:<" . quoted($_[0]) . "\@example.com>\r\n$message" },
		to => sub { lc($_[0]) . '@example.com' } ],
	[ 'a parameter of RCPT', \@smtp, sub { "${hello}MAIL FROM:<a\@example.org>\r\nRCPT TO:<bob\@example.com> ORCPT=rfc822;$_[0]\r\n$bob$message" } ],
	[ 'the message', \@smtp, sub { "${hello}MAIL FROM:<a\@example.org>\r\n${bob}DATA\r\nFrom: $_[0]\r\nMessage-ID: <$_[0]>\r\n\r\n$_[0]\r\n.\r\n" } ],
	[ 'the message, and a filter that says it', [ @smtp, '-f', $filter ],
		sub { "${hello}MAIL FROM:<a\@example.org>\r\n${bob}DATA\r\nFrom: $_[0]\r\n\r\nx\r\n.\r\n" } ],
	[ 'a recipient of LMTP', [ @smtp, '-c', '-l' ], sub { "LHLO client.example\r\nMAIL FROM:<a\@example.org>\r\nRCPT TO:<" . quoted($_[0]) . "\@example.com>\r\n$message" },
		to => sub { quoted($_[0]) . '@example.com' } ],
	[ 'what nobody knows', \@smtp, sub { "$hello$_[0]\r\n$_[0] $_[0]\r\nVRFY $_[0]\r\nNOOP $_[0]\r\nSTARTTLS $_[0]\r\nBDAT $_[0]\r\n" } ],
	[ 'AUTH', \@smtp, sub { "${hello}AUTH $_[0]\r\n" } ],
	[ 'AUTH PLAIN', \@smtp, sub { "${hello}AUTH PLAIN " . encode_base64("\0$_[0]\0x", '') . "\r\n" }, user => sub { $_[0] } ],
	[ 'AUTH PLAIN for another', \@smtp, sub { "${hello}AUTH PLAIN " . encode_base64("$_[0]\0bob\@example.com\0x", '') . "\r\n" } ],
	[ 'AUTH LOGIN', \@smtp, sub { "${hello}AUTH LOGIN\r\n" . encode_base64($_[0], '') . "\r\n" . encode_base64('x', '') . "\r\n" }, user => sub { $_[0] } ],
	[ 'AUTH SCRAM', \@smtp, sub { "${hello}AUTH SCRAM-SHA-256 " . encode_base64("n,,n=$_[0],r=abc", '') . "\r\n*\r\n" } ],
	[ 'USER', \@pop3, sub { "USER $_[0]\r\nPASS x\r\n" }, user => sub { $_[0] } ],
	[ 'PASS', \@pop3, sub { "USER bob\@example.com\r\nPASS $_[0]\r\n" } ],
	[ 'AUTH PLAIN of POP3', \@pop3, sub { "AUTH PLAIN " . encode_base64("\0$_[0]\0x", '') . "\r\n" }, user => sub { $_[0] } ],
	[ 'what nobody knows in POP3', \@pop3, sub { "$_[0]\r\n$_[0] $_[0]\r\nAPOP $_[0]\r\nAUTH $_[0]\r\nUSER bob\@example.com\r\nPASS secret\r\nRETR $_[0]\r\nUIDL $_[0]\r\n" } ],
);

for my $place (@places) {
	my ($name, $program, $says, $key, $value) = @$place;
	my ($wrong, $found) = (0, 0);
	my $is_login = $key && $key eq 'user';

	my $verbose = 0;
	for my $text (@hostile) {
		# Every other one with the conversation in the log
		my (undef, $status, $events, $faults) = logged($name, $says->($text), [ @$program, $verbose++ % 2 ? '-v' : () ]);
		$wrong++ if $faults || @{ $events->{session} || [] } != 1 || $status !~ /^(?:0|77)\z/;
		next if !$key;
		my $lines = $events->{ $is_login ? 'login-failed' : 'delivery' } or next;
		my $expected = shown($value->($text));
		my $has = $lines->[0]{$key};
		# What can be no name is not taken for one
		next if $is_login && $has eq '';
		$expected =~ s/^ +// if $name =~ /^(?:[EHL]*LO|USER)$/;
		if ($has eq $expected || $has =~ /^(.+)\.\.\.\z/ && index($expected, $1) == 0) {
			$found++;
		} else {
			$wrong++;
			diag("$name: " . visible($text) . ' is ' . visible($has));
		}
	}
	is($wrong, 0, "$name: whatever the client says, the lines are as they are to be");
	cmp_ok($found, '>', 5, "$name: and what he said stands there, in one value") if $key;
}

# What comes in a balancer's header, and in that of whoever says to be one
my $signature = "\r\n\r\n\0\r\nQUIT\n";
my $ours = pack 'C4 C4 n n', 192, 0, 2, 1, 192, 0, 2, 2, 1, 2;
for my $header ("PROXY TCP4 192.0.2.99\n$forged 192.0.2.2 1 2\r\n", "PROXY UNKNOWN $forged\r\n", "PROXY TCP4 \"x\" peer=192.0.2.99 1 2\r\n",
	"PROXY TCP6 ::1%$forged ::1 1 2\r\n", "PROXY $forged\r\n", "$signature\x21\x11" . pack('n/a*', $ours . pack 'C n/a*', 2, $forged),
	"$signature\x21\x31" . pack('n/a*', pack 'a108 a108', "/x\n$forged", $forged), "$signature\x21\x11" . pack('n', 4) . "\n$forged") {
	my (undef, undef, undef, $faults) = logged('PROXY', "${header}QUIT\r\n", [ @smtp, '-P', '-v' ]);
	is($faults, 0, 'PROXY: ' . visible($header));
}

# The longest of all that a client may say, all of it to be escaped: the line is whole
subtest 'nothing is pushed out of the line' => sub {
	my $long = quoted('"' x 90);
	my (undef, undef, $events) = logged('long values', 'EHLO ' . '"' x 255 . "\r\nMAIL FROM:<$long\@example.org>\r\nRCPT TO:<$long\@example.com>\r\n${message}QUIT\r\n",
		[ @smtp, '-c' ]);
	my $delivery = $events->{delivery}[0] || {};
	is($delivery->{status}, 250, 'the delivery has a status');
	is($delivery->{to}, '"' x 90 . '@example.com', 'and tells for whom it was');
	is($delivery->{helo}, '"' x 255, 'and from whom');
	is($events->{session}[0]{end}, 'quit', 'and the session how it ended');
};

# However much a client says, and whatever is wrong with it, the log stays small
subtest 'a flood' => sub {
	my $count = 20_000;
	for ([ 'commands that nobody knows', "$forged\r\n" ], [ 'broken lines', "FOO\nBAR\r\n" ], [ 'recipients that nobody knows', "RCPT TO:<x\@example.com>\r\n" ],
		[ 'arguments that are wrong', "MAIL FROM:<\"$forged\r\n" ], [ 'recipients without a sender', $bob ], [ 'NOOP', "NOOP $forged\r\n" ],
		[ 'lines too long', 'x' x 5000 . "\r\n" ]) {
		my ($what, $line) = @$_;
		my (undef, undef, $events, $faults) = logged($what, $hello . ($line =~ /RCPT TO:<x/ ? "MAIL FROM:<a\@example.org>\r\n" : '')
			. $line x ($count / (length $line > 1000 ? 20 : 1)), [ @smtp, '-e', $count * 2 ]);
		is($faults + (map { @$_ } values %$events), 1, "$what: a line for the session, and that is all");
	}
	for ([ 'commands that nobody knows in POP3', "$forged\r\n" ], [ 'USER', "USER $forged\r\n" ], [ 'PASS without USER', "PASS $forged\r\n" ]) {
		my ($what, $line) = @$_;
		my (undef, undef, $events, $faults) = logged($what, $line x $count, [ @pop3, '-e', $count * 2 ]);
		is($faults + (map { @$_ } values %$events), 1, "$what: a line for the session, and that is all");
	}
	my ($output, $status, $events) = logged('faults as ever', "$forged\r\n" x $count, [ program('smtp-stdio'), '-d', $root ]);
	is($status, 77, 'and as the flags are, it is over soon');
	is($events->{session}[0]{end}, 'too-many-faults', 'which the log tells');
};

done_testing;
