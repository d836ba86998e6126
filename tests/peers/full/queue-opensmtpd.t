# The queue goes to OpenSMTPD, as the server of a network that sends everything on, to a host
# that is one of ours here; by TCP, and by TLS.  The OpenSMTPD 6.8 of Debian 12 cannot do TLS
# with the OpenSSL 3 there, and without TLS it lets nobody log in: so it is stunnel that does
# the TLS in front of it, and the network is what it trusts.
use strict;
use warnings;
use lib 'tests/lib';
use OpenSMTPD;
use PeerTest;
use QueueTest;
use RelayTest;
use SendTest;
use Test::More;

need_opensmtpd(openssl => 'openssl', stunnel4 => 'stunnel4', 'systemd-socket-activate' => 'systemd');

my $alice = 'alice@example.net';
my $root = mail_root('anna@client.example');
my $theirs = give_away(mail_root($alice, 'bob@example.net'));
my ($next) = start_on_loopback({ as => [unprivileged()], environment => ["MAILROOT=$theirs"] }, program_for_all('smtp-stdio'));
my ($port, $log) = opensmtpd(<<"END");
listen on 127.0.0.1 port %p hostname relay.example
action "on" relay host "smtp://127.0.0.1:$next"
smtp max-message-size 100k
match from any for rcpt-to "nobody\@example.net" reject
match from any for domain "example.net" action "on"
END

# What has arrived at the next host: so many messages.
sub arrived
{
	my ($address, $count) = @_;
	return taken_out($address, $count, sub { stored($theirs, $address) });
}

# Runs the queue, to the end.  Returns the recipients with what was said of each.
sub outcome
{
	my ($status, $log) = run_queue($root, @_);
	is($status, 0, 'all that was due was dealt with') or diag($log);
	return outcomes($log);
}

my $anna = 'anna@client.example';
my @tcp = ('-S', "127.0.0.1:$port");
enqueue($root, from => $anna, message => letter('one'), to => [map { "$_\@example.net" } 'alice', 'bob', 'nobody']);
is(outcome(@tcp), 'alice@example.net=250 bob@example.net=250 nobody@example.net=550', 'what became of each'); ## smtp-send-queue-peers
my ($letter) = arrived($alice, 1);
like($letter, qr/^Received: from mail\.example\.org .*^\tby relay\.example /ms, 'by way of OpenSMTPD');
like($letter, qr/\n\n\.text of one\n\.\.\n\z/, 'and every line of it');
arrived('bob@example.net', 1);

enqueue($root, from => "$anna RET=HDRS ENVID=x", message => "Subject: x\n\nGr\xfc\xdfe\n", to => ["$alice NOTIFY=NEVER"]);
enqueue($root, from => $anna, message => "Subject: x\n\n" . "x\n" x 60000, to => [$alice]);
is(outcome(@tcp), "$alice=250 $alice=5" . '54', 'one is too large');
like((arrived($alice, 1))[0], qr/\n\nGr\xfc\xdfe\n\z/, 'eight bits');
is(join(' ', queue_ids($root)), '', 'nothing is left');
my $reports = join '', map { slurp($_) } stored($root, $anna);
like($reports, qr/^Final-Recipient: rfc822; ?nobody\@example\.net\nAction: failed\n/m, 'who was refused is reported');
like($reports, qr/^Status: 5\.3\.4\n/m, 'what was too large, too');

my ($key, $certificate) = certificate();
my $tls = free_port();
my $stunnel = spew(scratch_dir() . '/stunnel.conf', <<"END");
foreground = yes
pid =
[smtp]
accept = 127.0.0.1:$tls
connect = 127.0.0.1:$port
protocol = smtp
cert = $key
END
start("$stunnel.log", 'stunnel4', $stunnel);
wait_for_port($tls) or BAIL_OUT(slurp("$stunnel.log"));
my @tls = by_tls($certificate, $tls);
enqueue($root, from => $anna, message => letter($_), to => [$alice]) for 1 .. 30;
is(outcome('-j', 3, @tls), join(' ', ("$alice=250") x 30), 'many messages, by TLS');
my @subjects = sort { $a <=> $b } map { /^Subject: (\d+)$/m } arrived($alice, 30);
is("@subjects", join(' ', 1 .. 30), 'each once');
done_testing();
