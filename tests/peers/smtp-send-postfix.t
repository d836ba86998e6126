# smtp-send gives mail to Postfix, with all that Postfix offers: several recipients of whom
# one is refused, a login that Dovecot decides on, STARTTLS by way of openssl, addresses that
# are not ASCII, chunks, a notification.  Postfix has a configuration, a queue and a port of
# its own here.
use strict;
use warnings;
use lib 'tests/lib';
use Postfix;
use PeerTest;
use RelayTest;
use SendTest;
use Test::More;

need_postfix(dovecot => 'dovecot-core', openssl => 'openssl');

my ($port, $dir, $certificate) = postfix_relay();
my $server = "127.0.0.1:$port";
my @from = ('-f', 'anna@client.example', '-h', 'client.example');
my @tls = by_tls($certificate, $port);
my $password = own_file("secret\n");
my $text = "From: anna\@client.example\nSubject: hello\n\n.A line.\n..\n\nThe end.\n";

# Sends by TLS: openssl says things of its own on standard error.
sub is_sent_by_tls
{
	my ($name, $input, @arguments) = @_;
	my ($status, $said) = smtp_send($input, [@from, @arguments, @tls]);

	ok($status eq '0' && $said !~ /^smtp-send/m, "$name: sent") or diag("status $status\n", $said);
}

# What has arrived in a mailbox there: one message.
sub arrived
{
	my ($user) = @_;
	my ($message) = taken_out($user, 1, sub { glob "$dir/mail/$user/new/*" });
	return $message // '';
}

subtest 'several recipients, one of them refused' => sub {
	is_refused('to three', 69, qr/answers RCPT TO:<nobody\@example\.com> with 550 5\.1\.1 .*unknown/i, $text,
		[@from, '-S', $server, 'bob@example.com', 'nobody@example.com', 'alice@example.com']);
	for my $user ('bob', 'alice') {
		my $message = arrived($user);
		like($message, qr/\AReturn-Path: <anna\@client\.example>\n/, 'the reverse-path');
		like($message, qr/^Received: from client\.example .*\bwith ESMTP\b/ms, 'EHLO, and the name');
		like($message, qr/\n\n\.A line\.\n\.\.\n\nThe end\.\n\z/, 'and every line of it'); ## smtp-send-peers
	}
	is_refused('one who is full', 75, qr/answers RCPT TO:<full\@example\.com> with 452 4\.2\.2 /, $text,
		[@from, '-S', $server, 'full@example.com', 'bob@example.com']);
	arrived('bob');
	is_refused('nobody', 69, qr/RCPT TO:<nobody\@example\.com> with 550 /, $text, [@from, '-S', $server, 'nobody@example.com']);
	is_refused('elsewhere', 69, qr/RCPT TO:<bob\@example\.net> with 454 4\.7\.1 |with 554 5\.7\.1 /, $text, [@from, '-S', $server, 'bob@example.net']);
};

subtest 'in chunks, with all of the rest' => sub {
	my ($status, $said) = smtp_send($text, ['-v', @from, '-S', $server, 'bob@example.com']);
	is($status, 0, 'sent') or diag($said);
	my $size = length($text) + ($text =~ tr/\n//);
	like($said, qr/^C: MAIL FROM:<anna\@client\.example> SIZE=$size$/m, 'its size is said');
	like($said, qr/^C: BDAT $size LAST$/m, 'in one chunk');
	like(arrived('bob'), qr/\n\n\.A line\.\n/, 'as it was');
	is_sent('eight bits', "Subject: x\n\nGr\xfc\xdfe\n", [@from, '-S', $server, 'bob@example.com']);
	like(arrived('bob'), qr/\n\nGr\xfc\xdfe\n\z/, 'eight bits: as they were');
	is_refused('over the limit', 69, qr/1000000 octets/, $text . 'x' x 1000000 . "\n", [@from, '-S', $server, 'bob@example.com']);
};

subtest 'addresses that are not ASCII' => sub {
	is_sent('to and from them', "Subject: Grüße\n\ntext\n", ['-f', 'jürgen@münchen.example', '-h', 'client.example', '-S', $server, 'büro@example.com', 'bob@example.com']);
	like(arrived('buero'), qr/\AReturn-Path: <jürgen\@münchen\.example>\n.*^Subject: Grüße\n/ms, 'as they are');
	like(arrived('bob'), qr/\bwith UTF8SMTP\b/, 'the other one has it so, too');
};

subtest 'a report on delivery' => sub {
	is_sent('-N success', $text, ['-f', 'alice@example.com', '-h', 'client.example', '-N', 'success', '-R', 'hdrs', '-S', $server, 'bob@example.com']);
	arrived('bob');
	my $report = arrived('alice');
	like($report, qr/^Content-Type: multipart\/report;.*^Action: delivered\n/ms, 'it comes back');
	unlike($report, qr/A line/, 'with the header only');
	is_sent('-N never', $text, ['-f', 'alice@example.com', '-h', 'client.example', '-N', 'never', '-S', $server, 'bob@example.com']);
	like(arrived('bob'), qr/A line/, 'and without one');
};

subtest 'a login' => sub {
	my @login = ('-u', 'bob@example.com', '-w', $password);
	for my $how ('TCP', 'TLS') {
		truncate "$dir/log/mail", 0;
		is_sent('by TCP', $text, [@from, @login, '-S', $server, 'bob@example.net']) if $how eq 'TCP';
		is_sent_by_tls('by TLS', $text, @login, 'bob@example.net') if $how eq 'TLS';
		ok(postfix_said($dir, qr/sasl_method=SCRAM-SHA-256, sasl_username=bob\@example\.com/), "by $how: with SCRAM-SHA-256");
		ok(postfix_said($dir, qr/to=<bob\@example\.net>.*status=sent/), "by $how: to elsewhere");
	}
	is_refused('a wrong password', 69, qr/AUTH.* with 535 5\.7\.8 /, $text,
		[@from, '-u', 'bob@example.com', '-w', own_file("wrong\n"), '-S', $server, 'bob@example.net']);
};

subtest 'STARTTLS by way of openssl' => sub {
	is_sent_by_tls('to one', $text, 'bob@example.com');
	my $message = arrived('bob');
	like($message, qr/\bwith ESMTPS\b/, 'by TLS');
	like($message, qr/\n\n\.A line\.\n\.\.\n\nThe end\.\n\z/, 'and every line of it');
	# openssl reads commands of its own in a line's first letter, but not with -quiet
	is_sent_by_tls('what openssl would like to see', "Subject: x\n\nQ\nR\nQUIT\nRENEGOTIATE\nB\n", 'bob@example.com');
	like(arrived('bob'), qr/\n\nQ\nR\nQUIT\nRENEGOTIATE\nB\n\z/, 'is only text');
	is_sent_by_tls('a file', 'text', '-s', 'file', '-A', own_file(join('', map { chr } 0 .. 255) x 1000), 'bob@example.com');
	like(arrived('bob'), qr/base64/, 'a file has come');
	my @other = map { $_ eq 'localhost' ? 'mail.example.net' : $_ } @tls;
	my ($status, $said) = smtp_send($text, [@from, 'bob@example.com', @other]);
	is($status, 75, 'a certificate for somebody else: no connection') or diag($said);
};
done_testing();
