# Postfix hands mail to the store by LMTP, over a Unix socket and over TCP: a message for
# two of whom one has no room is delivered to the other at once, and to him when there is
# room.  Postfix has a configuration, a queue and a port of its own here.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;
use Postfix;

need_postfix('systemd-socket-activate' => 'systemd');

my $root = mail_root(map { ("bob\@$_", "full\@$_") } 'example.com', 'example.net');

# A supervisor on a Unix socket, for example.com; one on TCP, for example.net, that does not
# announce SIZE: so it is only after the data that a mailbox is found to be full.
my $socket = scratch_dir() . '/lmtp';
my $log = scratch_dir() . '/log';
start($log, 'systemd-socket-activate', '-l', $socket, '--accept', '--inetd',
	program('smtp-stdio'), '-l', '-d', $root, '-h', 'store.example');
my ($tcp, undef, $tcp_log) = start_supervisor('systemd-socket-activate',
	program('smtp-stdio'), '-l', '-X', 'SIZE', '-d', $root, '-h', 'store.example');
ok($tcp && until_true(sub { -S $socket }), 'both supervisors listen') or BAIL_OUT(slurp($log));

# Whoever may write to a socket may connect to it
chmod 0666, $socket;

my ($smtp, $queue) = postfix(main => <<"END", master => "lmtp unix - - n - - lmtp\n");
virtual_mailbox_domains = example.com, example.net
transport_maps = inline:{{example.com = lmtp:unix:$socket}, {example.net = lmtp:inet:127.0.0.1:$tcp}}
smtpd_relay_restrictions = permit_mynetworks, reject
END
for (['example.com', 'unix', qr/said: 452 4\.2\.2 .*in reply to RCPT TO/],
		['example.net', 'inet', qr/said: 452 4\.2\.2 .*in reply to end of DATA/]) {
	my ($domain, $kind, $reason) = @$_;
	subtest "over $kind" => sub { delivers($domain, $reason) };
}
done_testing();

sub delivers
{
	my ($domain, $reason) = @_;

	mailstore('quota', "full\@$domain", '300');
	my $text = "Subject: for two\n\n" . "A line.\n.\n" x 20;
	my $said = session($smtp, qr/^220 /, ["EHLO client.example\r\n" => qr/^250 /m],
		["MAIL FROM:<sender\@client.example>\r\n" => qr/^250 /],
		["RCPT TO:<full\@$domain>\r\n" => qr/^250 /], ["RCPT TO:<bob\@$domain>\r\n" => qr/^250 /],
		["DATA\r\n" => qr/^354 /], [on_the_wire($text) => qr/^250 /], ["QUIT\r\n" => qr/^221 /]);
	like($said, qr/^354 .*\n250 2\.0\.0 .*\n221 /m, 'Postfix has taken it') or return;

	my $delivered = postfix_said($queue, qr/to=<bob\@$domain>,.* status=sent \((.*)\)/);
	like($delivered, qr/250 2\.0\.0 OK id=/, 'it has heard that one has it'); ## lmtp-2033-4.2-a
	my $deferred = postfix_said($queue, qr/to=<full\@$domain>,.* status=deferred \((.*)\)/);
	like($deferred, $reason, 'and that the other has no room for it'); ## lmtp-2033-4.2-c smtp-stdio-quota-a
	my @messages = stored($root, "bob\@$domain");
	is(scalar @messages, 1, 'the one has it once'); ## lmtp-2033-4.2-a
	like(slurp($messages[0] || '/dev/null'), qr/^\tby store\.example with LMTP /m, 'Received: with LMTP'); ## smtp-3848-b
	like(slurp($messages[0] || '/dev/null'), qr/\n\n\Q${\($text =~ s{.*?\n\n}{}sr)}\E\z/, 'and every line of it');
	is(scalar stored($root, "full\@$domain"), 0, 'the other has nothing'); ## lmtp-2033-4.2-c

	mailstore('quota', '-r', "full\@$domain");
	run(['postqueue', '-c', "$queue/etc", '-f']);
	ok(until_true(sub { stored($root, "full\@$domain") == 1 }), 'he has it once there is room'); ## lmtp-2033-4.2-c
	is(scalar stored($root, "bob\@$domain"), 1, 'and the one does not have it again'); ## lmtp-2033-4.2-c
}

sub mailstore
{
	my ($status, undef, $error) = run([program('mailstore'), '-d', $root, @_]);
	is($status, 0, "mailstore @_") or diag($error);
}

sub on_the_wire
{
	my ($text) = @_;
	$text =~ s/^\./../mg;
	$text =~ s/\n/\r\n/g;
	return "$text.\r\n";
}
