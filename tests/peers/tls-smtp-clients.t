# Clients that people send mail with log in by each mechanism that they have: in clear, by
# STARTTLS and by implicit TLS, through stunnel and tlswrapper.  The mechanism is the one
# that was asked for, and Received: says how the message came, and from whom.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use Test::More;
use PeerTest;

need('systemd-socket-activate' => 'systemd', openssl => 'openssl', stunnel4 => 'stunnel4');

my ($user, $password) = ('bob@example.com', 'secret');
my $text = "From: anna\@example.org\nTo: bob\@example.com\nSubject: hello\n\nProtected or not.\n";
my $dir = scratch_dir();
my $crlf = spew("$dir/message", $text =~ s/\n/\r\n/gr);
my ($key, $trusted) = certificate();
my $smtp = program_for_all('smtp-stdio');
my $root = give_away(mail_root($user));
# Only with TLS to be set up in the middle of a session, tlswrapper cannot drop its
# privileges: what runs behind it runs as who started it all
my $roots_root = mail_root($user);

# How the connection comes to be protected: the client's view of it, the program under the
# supervisor, and what Received: says once the client has logged in.
my @services = (
	{ name => 'in clear with -p', tls => 'off', with => 'ESMTPA', program => [$smtp, '-p'] },
	{ name => 'in clear', tls => 'off', with => 'ESMTPA', program => [$smtp], only => 'SCRAM-SHA-256' },
	{ name => 'STARTTLS by stunnel', tls => 'starttls', with => 'ESMTPSA', program =>
		[$smtp, '-T', 'stunnel4 ' . stunnel_to_stderr($key, $smtp, '-v', '-s', '-g')] },
	{ name => 'implicit TLS by stunnel', tls => 'implicit', with => 'ESMTPSA', program =>
		['stunnel4', stunnel_to_stderr($key, $smtp, '-v', '-s')] },
	{ name => 'STARTTLS by tlswrapper', tls => 'starttls', with => 'ESMTPSA',
		wrapper => 'tlswrapper', root => $roots_root, program =>
		[$smtp, '-T', "tlswrapper -f $key %"] },
	{ name => 'implicit TLS by tlswrapper', tls => 'implicit', with => 'ESMTPSA',
		wrapper => 'tlswrapper', program =>
		['tlswrapper', '-f', $key, '-u', 'nobody', $smtp, '-v', '-s'] },
);

sub curl
{
	my ($host, $service, $mechanism, @more) = @_;
	my $scheme = $service->{tls} eq 'implicit' ? 'smtps' : 'smtp';
	return ['curl', '-sS', "$scheme://$host:$service->{port}/client.example", @more, '--cacert', $trusted,
		$service->{tls} eq 'starttls' ? '--ssl-reqd' : (),
		$mechanism ? ('-u', "$user:$password", '--login-options', "AUTH=$mechanism") : (),
		'--mail-from', 'anna@example.org', '--mail-rcpt', $user, '-T', $crlf];
}

# Each client: the program, its Debian package, the mechanisms it has beside none, its
# address where it can choose one, and its command line for a service and a mechanism.  For
# TLS it may need more than is here.
my @clients = (
	{ program => 'curl', package => 'curl', mechanisms => ['PLAIN', 'LOGIN'], address => '127.0.0.2',
		run => sub { curl('127.0.0.1', @_, '--interface', '127.0.0.2') } },
	{ program => 'curl', package => 'curl', mechanisms => ['PLAIN'], address => '::1',
		run => sub { curl('[::1]', @_) } },
	{ program => 'swaks', package => 'swaks', mechanisms => ['PLAIN', 'LOGIN'], address => '127.0.0.2',
		tls => system('/usr/bin/perl', '-e', 'exit !eval { require Net::SSLeay }') ? ['Net::SSLeay' => 'libnet-ssleay-perl'] : [], run => sub {
		my ($service, $mechanism) = @_;
		return ['swaks', '--server', '127.0.0.1', '--port', $service->{port},
			'--local-interface', '127.0.0.2', '--helo', 'client.example',
			{ off => [], starttls => ['-tls'], implicit => ['-tlsc'] }->{$service->{tls}}->@*,
			$service->{tls} ne 'off' ? ('--tls-verify', '--tls-ca-path', $trusted) : (),
			$mechanism ? ('--auth', $mechanism, '--auth-user', $user, '--auth-password', $password) : (),
			'--from', 'anna@example.org', '--to', $user, '--data', '@' . spew("$dir/swaks", $text =~ s/\n\z//r)];
	} },
	{ program => 'msmtp', package => 'msmtp', mechanisms => ['PLAIN', 'LOGIN', 'SCRAM-SHA-256'], address => '127.0.0.2', run => sub {
		my ($service, $mechanism) = @_;
		return ['msmtp', '--host=127.0.0.1', "--port=$service->{port}", '--source-ip=127.0.0.2',
			'--domain=client.example', '--tls=' . ($service->{tls} eq 'off' ? 'off' : 'on'),
			'--tls-starttls=' . ($service->{tls} eq 'starttls' ? 'on' : 'off'),
			"--tls-trust-file=$trusted", $mechanism
				? ('--auth=' . lc $mechanism, "--user=$user", "--passwordeval=echo $password")
				: '--auth=off',
			'--from=anna@example.org', '--', $user], input => $text;
	} },
	{ program => 'python3', package => 'python3', mechanisms => ['PLAIN', 'LOGIN'], address => '127.0.0.2', run => sub {
		my ($service, $mechanism) = @_;
		return ['python3', '-c', <<'END', $service->{tls}, $service->{port}, $trusted, $crlf, $mechanism, $user, $password];
import smtplib, ssl, sys
tls, port, trusted, message, mechanism, user, password = sys.argv[1:]
context = ssl.create_default_context(cafile=trusted)
how = dict(timeout=20, local_hostname='client.example', source_address=('127.0.0.2', 0))
if tls == 'implicit':
    server = smtplib.SMTP_SSL('127.0.0.1', int(port), context=context, **how)
else:
    server = smtplib.SMTP('127.0.0.1', int(port), **how)
with server:
    if tls == 'starttls':
        server.starttls(context=context)
    server.ehlo()
    if mechanism:
        server.user, server.password = user, password
        server.auth(mechanism, getattr(server, 'auth_' + mechanism.lower()))
    server.sendmail('anna@example.org', [user], open(message, 'rb').read())
END
	} },
	{ program => 's-nail', package => 's-nail', mechanisms => ['PLAIN', 'LOGIN'], run => sub {
		my ($service, $mechanism) = @_;
		my $scheme = $service->{tls} eq 'implicit' ? 'smtps' : 'smtp';
		my $credentials = $mechanism ? "bob%40example.com:$password@" : '';
		return ['s-nail', '-:/', '-S', 'v15-compat', '-S', "mta=$scheme://${credentials}localhost:$service->{port}",
			'-S', 'smtp-auth=' . ($mechanism ? lc $mechanism : 'none'),
			$service->{tls} eq 'starttls' ? ('-S', 'smtp-use-starttls') : (),
			'-S', "tls-ca-file=$trusted", '-S', 'tls-ca-no-defaults', '-S', 'tls-verify=strict',
			'-S', "DEAD=$dir/dead.letter", '-S', 'from=anna@example.org', '-s', 'hello', $user],
			input => "Protected or not.\n", env => { HOME => $dir };
	} },
	{ program => 'neomutt', package => 'neomutt', mechanisms => ['PLAIN', 'LOGIN', 'SCRAM-SHA-256'], run => sub {
		my ($service, $mechanism) = @_;
		my $scheme = $service->{tls} eq 'implicit' ? 'smtps' : 'smtp';
		my $credentials = $mechanism ? "bob%40example.com:$password@" : '';
		my $rc = spew("$dir/muttrc", <<"END");
set smtp_url = "$scheme://${credentials}127.0.0.1:$service->{port}/"
set smtp_authenticators = "\L$mechanism\E"
set ssl_starttls = @{[$service->{tls} eq 'starttls' ? 'yes' : 'no']}
set ssl_force_tls = @{[$service->{tls} eq 'off' ? 'no' : 'yes']}
set certificate_file = "$trusted"
set ssl_use_system_certs = no
set from = "anna\@example.org"
set hostname = "client.example"
set copy = no
END
		return ['neomutt', '-n', '-F', $rc, '-s', 'hello', $user],
			input => "Protected or not.\n", env => { HOME => $dir, TERM => 'dumb' };
	} },
	{ program => 'openssl', package => 'openssl', mechanisms => ['PLAIN', 'LOGIN'], address => '127.0.0.2', tls_only => 1, run => sub {
		my ($service, $mechanism) = @_;
		my %dialogue = (
			'' => [],
			PLAIN => ['AUTH PLAIN ' . encode_base64("\0$user\0$password", '')],
			LOGIN => ['AUTH LOGIN', map { encode_base64($_, '') } $user, $password],
		);
		return ['openssl', 's_client', '-quiet', '-connect', "127.0.0.1:$service->{port}",
			'-bind', '127.0.0.2:0', $service->{tls} eq 'starttls' ? ('-starttls', 'smtp') : (),
			'-CAfile', $trusted, '-verify_return_error', '-verify_ip', '127.0.0.1'],
			input => join("\r\n", 'EHLO client.example', $dialogue{$mechanism}->@*, 'MAIL FROM:<anna@example.org>',
				"RCPT TO:<$user>", 'DATA', slurp($crlf) . '.', 'QUIT', '');
	} },
);

# One message by one client: all that can be said about it.
sub message_comes
{
	my ($client, $service, $mechanism, $mail_root, $log) = @_;
	my $before = length slurp($log);
	my ($command, %how) = $client->{run}->($service, $mechanism);
	my ($status, $out, $error) = run($command, %how);
	is($status, 0, 'the client is content') or diag($out, $error);

	my @messages = stored($mail_root, $user);
	is(scalar @messages, 1, 'one message has come') or return diag(substr slurp($log), $before);
	my $message = slurp($messages[0]);
	unlink @messages;
	like($message, qr/\n\nProtected or not\.\n\z/, 'its text is what was sent');

	# Some say EHLO only where they need it.  For HELO there are no words but SMTP (RFC 3848)
	my ($hello) = substr(slurp($log), $before) =~ /.*conversation client="(EHLO|HELO) /s;
	my $with = $mechanism ? $service->{with} : $hello eq 'HELO' ? 'SMTP' : $service->{with} =~ s/A\z//r;
	my $address = $client->{address} || '(?:127\.0\.0\.1|::1)';
	my ($by) = $message =~ /^Received: from (.*?) id /ms;
	like($by, qr/\A\S+ \((?:\S+ )?\[(?:IPv6:)?$address\]\)\s+by \S+ with $with\z/, "it came from the client's address, with $with");	## smtp-3848-a smtp-stdio-peer

	# The process that had the session writes its last line when all is over
	my $session = qr/: session peer=$address .*messages=1 /;
	ok(until_true(sub { substr(slurp($log), $before) =~ $session }), 'the log has the same address')
		or diag(substr slurp($log), $before);
	my @used = substr(slurp($log), $before) =~ /conversation mechanism=(\S+)/g;
	is("@used", $mechanism, $mechanism ? "the mechanism was $mechanism" : 'without a login');
}

for my $service (@services) {
	# It leaves what it runs less memory than the sanitizers want
	next if $ENV{SANITIZED} && $service->{name} eq 'implicit TLS by tlswrapper';
	my %needs = $service->{wrapper} ? (root => '', $service->{wrapper} => $service->{wrapper}) : ();
	subtest_with \%needs, $service->{name} => sub {
		my $mail_root = $service->{root} || $root;
		my ($program, @arguments) = $service->{program}->@*;
		push @arguments, '-v' if $program eq $smtp;
		($service->{port}, my $pid, my $log) = start_on_loopback({
			as => $service->{wrapper} ? [] : [unprivileged()],
			environment => ["MAILROOT=$mail_root"],
		}, $program, @arguments);

		for my $client (@clients) {
			next if $client->{tls_only} && $service->{tls} eq 'off' || ($client->{address} || '') eq '::1' && !has_ipv6();
			for my $mechanism ('', $client->{mechanisms}->@*) {
				next if $service->{only} && $service->{only} ne $mechanism;
				subtest_with { $client->{program} => $client->{package},
					$service->{tls} ne 'off' && $client->{tls} ? $client->{tls}->@* : () },
					"$client->{program}, " . ($mechanism || 'no login') => sub {
						message_comes($client, $service, $mechanism, $mail_root, $log);
					};
			}
		}
		stop($pid);
		# The shipped configuration says no more than it has to
		unlike(slurp($log), qr/ LOG\d\[/, 'stunnel had nothing to complain of') if $service->{name} =~ /stunnel/;
	};
}

done_testing();
