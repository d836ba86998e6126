# From a mail client to a reader on another host, with nothing but our programs between
# them: submitted by STARTTLS and with a login, queued, sent by STARTTLS and with a login to
# a second host, queued there, handed over by LMTP to a third, and fetched from that by POP3.
use strict;
use warnings;
use lib 'tests/lib';
use PeerTest;
use QueueTest;
use RelayTest;
use SendTest;
use Test::More;

need(curl => 'curl', openssl => 'openssl', stunnel4 => 'stunnel4', 'systemd-socket-activate' => 'systemd');

my ($bob, $alice) = ('bob@example.com', 'alice@example.net');
my %root = (ours => mail_root($bob), relay => mail_root('ours@relay.example'), theirs => mail_root($alice));
give_away($_) for values %root;
my ($key, $certificate) = certificate();
my ($smtp, $pop3) = map { program_for_all($_) } 'smtp-stdio', 'pop3-stdio';
my $password = give_away(spew(scratch_dir() . '/password', "secret\n"));

# Starts a submission service; returns its port.
sub submission
{
	my ($root) = @_;
	my $wrapper = stunnel_to_stderr($key, $smtp, '-a', '-s', '-g');
	my ($port) = start_on_loopback({ as => [unprivileged()], environment => ["MAILROOT=$root"] },
		$smtp, '-a', '-T', "stunnel4 $wrapper");
	return $port;
}

my $port = submission($root{ours});
my @send = ('curl', '-sS', '--ssl-reqd', '--cacert', $certificate, "smtp://localhost:$port/client.example");
my $letter = "From: Bob <$bob>\r\nTo: Alice <$alice>\r\nSubject: Hello\r\n\r\nHello Alice.\r\n.A dot.\r\n..\r\nGr\xc3\xbc\xc3\x9fe\r\n";
my $file = own_file($letter);
my @rest = ('--mail-from', $bob, '--mail-rcpt', $alice, '--mail-rcpt', $bob, '-T', $file);

my ($status, undef, $error) = run([@send, @rest]);
isnt($status, 0, 'without a login nothing is taken');
($status, undef, $error) = run([@send, '-u', "$bob:secret", @rest]);
is($status, 0, 'a letter is submitted') or diag($error);
is(scalar stored($root{ours}, $bob), 1, 'the copy for an account here is there');
is(scalar queue_ids($root{ours}), 1, 'the other one is in the queue');

my $relay = submission($root{relay});
my @to_relay = ('-u', 'ours@relay.example', '-w', $password, by_tls($certificate, $relay));
($status, $error) = run_queue($root{ours}, @to_relay);
is($status, 0, 'it is sent to the relay') or diag($error);
is(join(' ', map { "$_->{to} $_->{status}" } attempts($error)), "$alice 250", 'which has taken it');
is(scalar queue_ids($root{ours}), 0, 'it is gone here');
my ($entry) = queue_ids($root{relay});
ok(defined $entry, 'and is in the queue there');
like(envelope($root{relay}, $entry // ''), qr/^from <bob\@example\.com>.*\nto 0 \d+ <alice\@example\.net>/m, 'for whom it is');

($status, $error) = run_queue($root{relay}, '-l', '--', 'env', 'MAIL_STDIO_LOG=syslog', $smtp, '-l', '-d', $root{theirs});
is($status, 0, 'it is handed over by LMTP') or diag($error);
is(scalar queue_ids($root{relay}), 0, 'it is gone there');

my $wrapper = stunnel_to_stderr($key, $pop3, '-s', '-g');
my ($mailbox) = start_on_loopback({ as => [unprivileged()], environment => ["MAILROOT=$root{theirs}"] }, $pop3, '-T', "stunnel4 $wrapper");
my $fetched;
($status, $fetched, $error) = run(['curl', '-sS', '--ssl-reqd', '--cacert', $certificate, "pop3://localhost:$mailbox/1", '-u', "$alice:secret"]);
is($status, 0, 'she reads it') or diag($error);
my ($trace, $text) = ($fetched // '') =~ /\A(.*?^)(From: Bob .*)\z/ms;
is($text =~ s/^(?:Date|Message-ID): [^\r]*\r\n//mgr, $letter, 'as it was, but for what a submission adds'); ## smtp-send-queue-hosts
is(join(' ', ($trace // '') =~ /^\tby \S+ with (\w+) /mg), 'LMTP ESMTPSA ESMTPSA', 'the way that it took');
like($trace, qr/\AReturn-Path: <bob\@example\.com>\r\n/, 'and from whom');
is(scalar(() = $trace =~ /^Return-Path:/mg), 1, 'which is said once');
done_testing();
