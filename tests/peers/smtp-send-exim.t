# smtp-send gives mail to Exim, with all that Exim offers: several recipients of whom one is
# refused, a login, STARTTLS by way of openssl, addresses that are not ASCII, chunks, a
# notification, a limit.  Exim has a configuration, a spool and a port of its own here.
use strict;
use warnings;
use lib 'tests/lib';
use Exim;
use PeerTest;
use RelayTest;
use SendTest;
use Test::More;

need(root => 1, exim4 => 'exim4-daemon-light', openssl => 'openssl');

my ($port, $dir, $certificate) = exim_relay();
my $server = "127.0.0.1:$port";
my @from = ('-f', 'anna@client.example', '-h', 'client.example');
my $password = own_file("secret\n");
my $text = "From: anna\@client.example\nSubject: hello\n\n.A line.\n..\n\nThe end.\n";

# What has arrived in a mailbox there: one message.
sub arrived
{
	my ($user) = @_;
	my ($message) = taken_out($user, 1, sub { glob "$dir/mail/$user/new/*" });
	return $message // '';
}

subtest 'several recipients, one of them refused' => sub {
	is_refused('to three', 69, qr/answers RCPT TO:<nobody\@example\.com> with 550 5\.1\.1 /, $text,
		[@from, '-S', $server, 'bob@example.com', 'nobody@example.com', 'alice@example.com']);
	for my $name ('bob', 'alice') {
		my $message = arrived($name);
		like($message, qr/^Received: from \S*.*\bclient\.example\b.*\bwith esmtp\b/ms, 'EHLO, and the name');
		like($message, qr/\n\n\.A line\.\n\.\.\n\nThe end\.\n\z/, 'and every line of it'); ## smtp-send-peers
	}
	is_refused('one who is full', 75, qr/answers RCPT TO:<full\@example\.com> with 451 4\.2\.2 /, $text,
		[@from, '-S', $server, 'full@example.com', 'bob@example.com']);
	arrived('bob');
	is_refused('all are refused', 69, [ qr/RCPT TO:<nobody\@example\.com> with 550 /, qr/RCPT TO:<carol\@example\.com> with 550 / ], $text,
		[@from, '-S', $server, 'nobody@example.com', 'carol@example.com']);
	is_refused('elsewhere', 69, qr/RCPT TO:<bob\@example\.org> with 550 5\.7\.1 /, $text, [@from, '-S', $server, 'bob@example.org']);
};

subtest 'more recipients than it takes at once' => sub {
	my @users = map { "user$_" } 1 .. 12;
	is_sent('to twelve, where five may be', $text, [@from, '-S', $server, map { "$_\@example.com" } @users]);
	arrived($_) for @users;
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
	like(arrived('büro'), qr/^Subject: Grüße\n/m, 'as they are');
	arrived('bob');
	like(exim_said($dir, qr/<= jürgen\@münchen\.example .* P=utf8esmtp /), qr/./, 'Exim says so');
};

subtest 'a login' => sub {
	is_refused('without one', 69, qr/RCPT TO:<bob\@example\.net> with 550 5\.7\.1 Log in first/, $text, [@from, '-S', $server, 'bob@example.net']);
	is_sent('with one', $text, [@from, '-u', 'bob@example.com', '-w', $password, '-S', $server, 'bob@example.net']);
	arrived('bob');
	like(exim_said($dir, qr/<= anna\@client\.example .* P=esmtpa A=plain:bob\@example\.com /), qr/./, 'PLAIN, to a loopback address');
	is_refused('a wrong password', 69, qr/AUTH.* with 535 /, $text,
		[@from, '-u', 'bob@example.com', '-w', own_file("wrong\n"), '-S', $server, 'bob@example.net']);
};

subtest 'STARTTLS by way of openssl' => sub {
	my @tls = by_tls($certificate, $port);
	# openssl says things of its own on standard error
	my ($status, $said) = smtp_send($text, [@from, '-u', 'bob@example.com', '-w', $password, 'bob@example.net', @tls]);
	ok($status eq '0' && $said !~ /^smtp-send/m, 'sent') or diag("status $status\n", $said);
	like(arrived('bob'), qr/\n\n\.A line\.\n\.\.\n\nThe end\.\n\z/, 'every line of it');
	like(exim_said($dir, qr/ P=esmtpsa X=TLS1\.[23]:\S+ .*A=plain:bob\@example\.com /), qr/./, 'by TLS, with a login');
};
done_testing();
