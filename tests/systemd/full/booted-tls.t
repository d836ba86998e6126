# What comes by TLS, under a systemd that has booted and in the units that are shipped: both
# programs and the wrapper log to the journal, with the client's address, by any of the five
# ports, and fail2ban finds there who guesses passwords; and it is the units that keep a
# session from everything else.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use Test::More;
use PeerTest;
use Booted;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need(openssl => 'openssl', 'fail2ban-regex' => 'fail2ban', msmtp => 'msmtp');
need_machine();

my $line = qr/[^\r\n]*\r\n/;
my ($key, $certificate) = certificate();
my $root = installed_root($key);
boot();
inside_ok('mailstore add bob@example.com', input => "secret\n");
inside_ok('systemctl enable --now smtp-stdio.socket submission.socket submissions.socket pop3-stdio.socket pop3s.socket');

sub s_client
{
	my ($address, $port, $starttls, @lines) = @_;
	return run(['openssl', 's_client', '-quiet', '-connect', "127.0.0.1:$port", '-bind', "$address:0",
		$starttls ? ('-starttls', $starttls) : (), '-CAfile', $certificate, '-verify_return_error'],
		input => join('', map { "$_\r\n" } @lines));
}

sub plain
{
	return 'AUTH PLAIN ' . encode_base64("\0bob\@example.com\0$_[0]", '');
}

sub journal_of
{
	my ($program, $pattern) = @_;
	return grep { $_->{MESSAGE} =~ $pattern } journal("SYSLOG_IDENTIFIER=$program");
}

# Each service: its program, its port, openssl's word for what comes before the handshake,
# and what makes a session that wants a password
my @services = (
	['submission', 'smtp-stdio', 587, 'smtp'],
	['submissions', 'smtp-stdio', 465, ''],
	['pop3-stdio', 'pop3-stdio', 110, 'pop3'],
	['pop3s', 'pop3-stdio', 995, ''],
);

for my $n (0 .. $#services) {
	my ($name, $program, $port, $starttls) = @{ $services[$n] };
	my $address = '127.0.1.' . ($n + 1);
	my $login = sub { $program eq 'pop3-stdio' ? ('USER bob@example.com', "PASS $_[0]") : ('EHLO client.example', plain($_[0])) };

	subtest $name => sub {
		my ($status, $out, $error) = s_client($address, $port, $starttls, $login->('secret'), 'QUIT');
		is($status, 0, 'TLS') or diag($error);
		like($out, $program eq 'pop3-stdio' ? qr/^\+OK Logged in/m : qr/^235 /m, 'and a login');
		ok(until_true(sub {
			journal_of($program, qr/^session peer=\Q$address\E .*user=bob\@example\.com .*tls=yes .*end=quit/);
		}), 'of which the journal tells') or diag(said('journalctl', '--no-pager', '-n', 30));
		s_client($address, $port, $starttls, $login->('wrong'), 'QUIT');
	};
}

# In clear, where standard error is the journal
run(['msmtp', '--host=127.0.0.1', '--port=587', '--source-ip=127.0.1.5', '--tls=off', '--auth=scram-sha-256',
	'--user=bob@example.com', '--passwordeval=echo wrong', '--from=a@example.org', '--', 'bob@example.com'], input => "\n");

subtest 'fail2ban' => sub {
	ok(until_true(sub { journal_of('smtp-stdio', qr/^login-failed peer=127\.0\.1\.5 /) }), 'the last one has failed');
	journal();
	my ($directory) = grep { -d } map { path_of($_) } '/var/log/journal', '/run/log/journal';
	my ($status, $out, $error) = run(['fail2ban-regex', '-o', '<ip>', "systemd-journal[journalpath=$directory]", 'stdio/fail2ban.conf']);
	is(join(' ', sort split /\n/, $out), join(' ', map { "127.0.1.$_" } 1 .. 5), 'finds each client once') or diag($error);
};

subtest 'what bites' => sub {
	inside_ok("mkdir /etc/systemd/system/pop3-stdio\@.service.d\n" .
		"printf '[Service]\\nRestrictAddressFamilies=none\\n' >/etc/systemd/system/pop3-stdio\@.service.d/none.conf\n" .
		'systemctl daemon-reload');
	my ($status, $out) = s_client('127.0.0.2', 110, 'pop3', 'QUIT');
	isnt($status, 0, 'stunnel needs sockets: without them the session ends');
	unlike($out, qr/^\+OK.*^\+OK/ms, 'and nothing is served');
};

is(join("\n", map { $_->{MESSAGE} } grep { $_->{MESSAGE} =~ /confinement/ } journal()), '', 'every program could confine itself');
power_off();
done_testing();
