# Exim hands mail to the store by LMTP, over a Unix socket and over TCP (there in chunks): a
# message for two of whom one has no room is delivered to the other at once, and to him when
# there is room.  Exim has a configuration and a queue of its own here.
use strict;
use warnings;
use lib 'tests/lib';
use Exim;
use Test::More;
use PeerTest;

need(root => 1, exim4 => 'exim4-daemon-light', 'systemd-socket-activate' => 'systemd');

my $root = mail_root(map { ("bob\@$_", "full\@$_") } 'example.com', 'example.net');

# A supervisor on a Unix socket, for example.com; one on TCP, for example.net, that does not
# announce SIZE: so it is only after the data that a mailbox is found to be full.
my $socket = scratch_dir() . '/lmtp';
my $log = scratch_dir() . '/log';
start($log, 'systemd-socket-activate', '-l', $socket, '--accept', '--inetd',
	program('smtp-stdio'), '-v', '-l', '-d', $root, '-h', 'store.example');
my ($tcp, undef, $tcp_log) = start_supervisor('systemd-socket-activate',
	program('smtp-stdio'), '-v', '-l', '-X', 'SIZE', '-d', $root, '-h', 'store.example');
ok($tcp && until_true(sub { -S $socket }), 'both supervisors listen') or BAIL_OUT(slurp($log));
# Whoever may write to a socket may connect to it
chmod 0666, $socket;

my $exim = exim_configured(<<"END");
tls_advertise_hosts =
begin routers
unix:
  driver = accept
  domains = example.com
  transport = over_unix
tcp:
  driver = manualroute
  domains = example.net
  route_list = * 127.0.0.1
  self = send
  transport = over_tcp
begin transports
over_unix:
  driver = lmtp
  socket = $socket
  batch_max = 100
over_tcp:
  driver = smtp
  protocol = lmtp
  port = $tcp
  allow_localhost
  hosts_avoid_tls = *
begin retry
* * F,1h,1m
END

subtest 'over unix' => sub { delivers('example.com') };
subtest 'over inet' => sub {
	delivers('example.net');
	like(slurp($tcp_log), qr/client="?BDAT \d+ LAST/i, 'it came in chunks'); ## lmtp-2033-4.3
};
done_testing();

sub delivers
{
	my ($domain) = @_;

	mailstore('quota', "full\@$domain", '300');
	my $text = "Subject: for two\n\n" . "A line.\n.\n" x 20;
	my ($status, $output, $error) = exim($exim, $text, '-odq', '-oi', '-f', 'sender@client.example',
		"full\@$domain", "bob\@$domain");
	is($status, 0, 'Exim has taken it') or return diag($output, $error);
	exim($exim, '', '-qff');
	like(exim_said($exim, qr/=> .*\bbob\@$domain\b/), qr/250 2\.0\.0 OK id=/, 'it has heard that one has it'); ## lmtp-2033-4.2-a
	like(exim_said($exim, qr/== .*\bfull\@$domain\b/), qr/ 452 4\.2\.2 /, 'and that the other has no room for it'); ## lmtp-2033-4.2-c smtp-stdio-quota-a
	my @messages = stored($root, "bob\@$domain");
	is(scalar @messages, 1, 'the one has it once'); ## lmtp-2033-4.2-a
	my $stored = slurp($messages[0] || '/dev/null');
	like($stored, qr/^\tby store\.example with LMTP /m, 'Received: with LMTP'); ## smtp-3848-b
	like($stored, qr/\n\n\Q${\($text =~ s{.*?\n\n}{}sr)}\E\z/, 'and every line of it');
	is(scalar stored($root, "full\@$domain"), 0, 'the other has nothing'); ## lmtp-2033-4.2-c

	mailstore('quota', '-r', "full\@$domain");
	($status, $output, $error) = exim($exim, '', '-qff');
	is($status, 0, 'Exim tries again') or diag($output, $error);
	is(scalar stored($root, "full\@$domain"), 1, 'he has it once there is room') or diag($output, $error); ## lmtp-2033-4.2-c
	is(scalar stored($root, "bob\@$domain"), 1, 'and the one does not have it again'); ## lmtp-2033-4.2-c
}

sub mailstore
{
	my ($status, undef, $error) = run([program('mailstore'), '-d', $root, @_]);
	is($status, 0, "mailstore @_") or diag($error);
}
