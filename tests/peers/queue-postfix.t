# The queue goes to Postfix, as the server that sends everything on: by TLS and a login,
# many messages on a connection.  What it takes, refuses and puts off is booked, and
# senders hear of what is refused.  Postfix has a configuration, a queue and a port of its
# own here.
use strict;
use warnings;
use lib 'tests/lib';
use Postfix;
use PeerTest;
use QueueTest;
use RelayTest;
use SendTest;
use Test::More;

need_postfix(dovecot => 'dovecot-core', openssl => 'openssl');

my ($port, $dir, $certificate) = postfix_relay();
my $root = mail_root('anna@client.example');
my @login = ('-u', 'bob@example.com', '-w', own_file("secret\n"));
my @tls = by_tls($certificate, $port);

# What has arrived in a mailbox there: so many messages.
sub arrived
{
	my ($user, $count) = @_;
	return taken_out($user, $count, sub { glob "$dir/mail/$user/new/*" });
}

subtest 'by TLS and a login' => sub {
	my $anna = { from => 'anna@client.example' };
	my $first = enqueue($root, %$anna, message => letter('four'),
		to => [ map { "$_\@example.com" } 'bob', 'nobody', 'full', 'alice' ]);
	enqueue($root, %$anna, message => letter('elsewhere'), to => ['zoe@example.net']);
	enqueue($root, from => '', message => letter('report'), to => ['alice@example.com']);
	my ($status, $log) = run_queue($root, @login, @tls);
	is($status, 0, 'all that was due was dealt with') or diag($log);
	is(outcomes($log), 'alice@example.com=250 alice@example.com=250 bob@example.com=250 full@example.com=452 '
		. 'nobody@example.com=550 zoe@example.net=250', 'what became of each'); ## smtp-send-queue-peers
	my ($letter) = arrived('bob', 1);
	like($letter, qr/\AReturn-Path: <anna\@client\.example>\n/, 'the sender is who it was');
	like($letter, qr/^Received: from mail\.example\.org .*\bwith ESMTPSA\b/ms, 'by TLS, with a login');
	like($letter, qr/\n\n\.text of four\n\.\.\n\z/, 'and every line of it');
	is(join(' ', sort map { /^Subject: (\w+)$/m } arrived('alice', 2)), 'four report', 'what was for her');
	ok(postfix_said($dir, qr/sasl_method=SCRAM-SHA-256, sasl_username=bob\@example\.com/), 'SCRAM-SHA-256');
	ok(postfix_said($dir, qr/to=<zoe\@example\.net>.*status=sent/), 'it is sent on');
	is(join(' ', queue_ids($root)), $first, 'one waits');
	like(envelope($root, $first), qr/\nto 1 \d+ <full\@example\.com>\nsaid relay\.example: 452 4\.2\.2 .*Full\n\z/, 'for the one who was put off');
	my ($report, @more) = map { slurp($_) } stored($root, 'anna@client.example');
	ok(defined $report && !@more, 'there is one report');
	like($report // '', qr/^Final-Recipient: rfc822; ?nobody\@example\.com\nAction: failed\nStatus: 5\.1\.1\n/m, 'about the one who was refused');
	like($report // '', qr/^Diagnostic-Code: smtp; ?550 5\.1\.1 <nobody\@example\.com>/m, 'with what Postfix said');
	unlink map { "$root/outgoing/$_/$first" } 'envelope', 'message';
};

subtest 'what Postfix offers' => sub {
	enqueue($root, from => 'alice@example.com RET=HDRS ENVID=x+2B1', to => ['bob@example.com NOTIFY=SUCCESS ORCPT=rfc822;robert@example.com']);
	enqueue($root, from => 'jürgen@münchen.example SMTPUTF8', message => "Subject: Grüße\n\ntext\n", to => ['büro@example.com']);
	enqueue($root, from => 'anna@client.example BODY=8BITMIME', message => "Subject: x\n\nGr\xfc\xdfe\n", to => ['bob@example.com']);
	my ($status, $log) = run_queue($root, '-S', "127.0.0.1:$port");
	is($status, 0, 'all is sent') or diag($log);
	is(join(' ', queue_ids($root)), '', 'nothing is left') or diag($log);
	like(join('', arrived('bob', 2)), qr/\n\nGr\xfc\xdfe\n/, 'eight bits');
	like((arrived('buero', 1))[0], qr/\AReturn-Path: <jürgen\@münchen\.example>\n.*^Subject: Grüße\n/ms, 'addresses in UTF-8');
	my ($report) = arrived('alice', 1);
	like($report, qr/^Original-Envelope-Id: x\+1\n.*^Original-Recipient: rfc822; ?robert\@example\.com\n.*^Action: delivered\n/ms,
		'a report on delivery, which Postfix makes');
};

subtest 'many messages' => sub {
	truncate "$dir/log/mail", 0;
	enqueue($root, from => 'anna@client.example', message => letter($_), to => ['bob@example.com']) for 1 .. 30;
	my ($status, $log) = run_queue($root, '-j', 3, @login, @tls);
	is($status, 0, 'all are sent') or diag($log);
	is(join(' ', queue_ids($root)), '', 'nothing is left');
	my @subjects = sort { $a <=> $b } map { /^Subject: (\d+)$/m } arrived('bob', 30);
	is("@subjects", join(' ', 1 .. 30), 'each once');
	my $connections = () = slurp("$dir/log/mail") =~ /: connect from /g;
	ok($connections <= 3, "over $connections connections");
};

subtest 'no way in' => sub {
	my $id = enqueue($root, from => 'anna@client.example', to => ['zoe@example.net']);
	my @other = map { $_ eq 'localhost' ? 'mail.example.net' : $_ } @tls;
	my ($status, $log) = run_queue($root, @login, @other);
	is($status, 75, 'a certificate for somebody else') or diag($log);
	($status, $log) = run_queue($root, @login[0, 1], '-w', own_file("wrong\n"), @tls);
	is($status, 69, 'a wrong password') or diag($log);
	like(envelope($root, $id), qr/^to 0 /m, 'neither is a try');
	($status, $log) = run_queue($root, '-S', "127.0.0.1:$port");
	is("$status " . outcomes($log), '0 zoe@example.net=554', 'without a login it is refused');
	is(join(' ', queue_ids($root)), '', 'for good');
};
done_testing();
