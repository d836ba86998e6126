# Whatever a message is made of, it comes back as it was sent, or its header does, in a
# report that every reader of MIME can take apart; and POP3 gives out the same octets.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use MIME::Base64 qw(encode_base64);
use Report;

my $from = 'eve@example.com';
my $root = new_root([ $from, 'secret' ]);
my $host = 'mail.example.org';
my $client = start('smtp-stdio', $root, [ '-h', $host, '-b', '-p', '-e', 1000 ]);
my @reports;

like($client->reply, qr/^220 /, 'a greeting');
like($client->ask('EHLO client.example'), qr/^250/, 'EHLO');
like($client->ask('AUTH PLAIN ' . encode_base64("\0$from\0secret", '')), qr/^235 /, 'the login');

# Sends to a mailbox that is not there.  Returns the path of what came into the sender's
# own, or nothing where the message was refused.
sub sent {
	my ($text, $parameters) = @_;
	my %before = map { $_ => 1 } messages($root, $from);
	like($client->ask("MAIL FROM:<$from>$parameters"), qr/^250 /, 'MAIL');
	like($client->ask('RCPT TO:<nobody@example.com>'), qr/^250 2\.1\.5 /, 'RCPT');
	like($client->ask('DATA'), qr/^354 /, 'DATA');
	my $reply = $client->ask(dot_stuffed(crlf($text)) . '.');
	my @new = grep { !$before{$_} } messages($root, $from);
	if ($reply =~ /^250 /) {
		is(scalar @new, 1, 'one report') or return;
		push @reports, $new[0];
		return $new[0];
	}
	like($reply, qr/^550 5\.6\.0 /, 'it is no message');
	is(scalar @new, 0, 'and none comes back');
	return;
}

sub comes_back {
	my ($name, $text) = @_;
	my $stored = crlf($text) =~ s/\r\n/\n/gr;
	my ($header) = $stored =~ /\A((?:[^\n]+\n)*)/;
	my %is = (to => $from, domain => 'example.com', host => $host, recipients => [[ 'failed', 'nobody@example.com' ]]);
	for my $ret ('', ' RET=FULL') {
		my $path = sent($text, $ret) or return;
		my $report = is_report("$name$ret", %is, path => $path, returned => 'full') or next;
		ok($report->{content} eq $stored, "$name$ret: the message is in it as it was sent") ## smtp-3464-2.1
		    or diag Program::visible($report->{content});
		is($report->{returned}, $header =~ /[\x80-\xff]/ ? 'message/global' : 'message/rfc822', "$name$ret: under the name it has"); ## smtp-6533-4
	}
	my $path = sent($text, ' RET=HDRS ENVID=' . 'x' x 94) or return;
	my $report = is_report("$name, header", %is, path => $path, returned => 'header', envid => 'x' x 94) or return;
	is($report->{content}, $header, "$name: its header is in it"); ## smtp-3464-2.1
	is($report->{returned}, $header =~ /[\x80-\xff]/ ? 'message/global-headers' : 'text/rfc822-headers',
	    "$name: which is ASCII, or told not to be"); ## smtp-6533-4
}

for my $path (sort glob 'tests/mail/*.eml') {
	my ($name) = $path =~ m{([^/]*)\.eml$};
	subtest $name => sub { comes_back($name, contents($path)) };
}

my $before = contents($reports[0]);
subtest 'a report' => sub { comes_back('a report', $before) };
subtest 'all that a boundary can look like' => sub {
	my ($boundary) = $before =~ /boundary="?([^"\s;]+)/;
	comes_back('its own boundaries', "--$boundary\n\n--$boundary--\n--$boundary\n");
	comes_back('dashes', "--\n----\n--=_\n--\n");
};
subtest 'a long message' => sub { comes_back('a long message', "Subject: long\n\n" . "a line of it\n.\n" x 200_000) };

my %boundaries = map { (parse_report(contents($_))->{boundary} => 1) } @reports;
is(scalar keys %boundaries, scalar @reports, 'no boundary comes twice');
like($client->ask('QUIT'), qr/^221 /, 'the session goes on to its end');
is($client->status, 0, 'well');

# POP3 numbers them in order of name.
my $pop3 = start('pop3-stdio', $root, ['-p']);
$pop3->line;
for ("USER $from", 'PASS secret') {
	$pop3->send("$_\r\n");
	like($pop3->line, qr/^\+OK/, 'POP3: login');
}
my $number = 0;
for my $path (messages($root, $from)) {
	my $expected = crlf(contents($path));
	$number++;
	$pop3->send("LIST $number\r\nRETR $number\r\n");
	my $octets = length $expected;
	like($pop3->line, qr/^\+OK $number $octets\z/, "POP3: size of $number"); ## pop3-1939-5-c
	my ($text, $line) = ('');
	$pop3->line;
	while (($line = $pop3->line) ne '.') {
		$line =~ s/^\.//;
		$text .= "$line\r\n";
	}
	ok($text eq $expected, "POP3: RETR $number gives what is stored"); ## pop3-roundtrip
}
done_testing;
