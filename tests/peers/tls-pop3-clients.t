# Clients that people fetch mail with log in by each mechanism that they have: in clear, by
# STLS and by implicit TLS, through stunnel and tlswrapper.  The message comes whole, the
# mechanism is the one that was asked for, and the log says who it was.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use Test::More;
use PeerTest;

need('systemd-socket-activate' => 'systemd', openssl => 'openssl', stunnel4 => 'stunnel4');

my ($user, $password) = ('bob@example.com', 'secret');
my $text = "From: anna\@example.org\nTo: bob\@example.com\nSubject: hello\n\n.Protected or not.\n";
my $dir = scratch_dir();
my ($key, $trusted) = certificate();
my $pop3 = program_for_all('pop3-stdio');
my $root = mail_root($user);
# Only with TLS to be set up in the middle of a session, tlswrapper cannot drop its
# privileges: what runs behind it runs as who started it all
my $roots_root = mail_root($user);
deliver($_, $user, $text) for $root, $roots_root;
give_away($root);

# How the connection comes to be protected: the client's view of it, and the program under
# the supervisor.
my @services = (
	{ name => 'in clear with -p', tls => 'off', program => [$pop3, '-p'] },
	{ name => 'in clear', tls => 'off', program => [$pop3], only => 'SCRAM-SHA-256' },
	{ name => 'STLS by stunnel', tls => 'starttls', program =>
		[$pop3, '-T', 'stunnel4 ' . stunnel_to_stderr($key, $pop3, '-v', '-s', '-g')] },
	{ name => 'implicit TLS by stunnel', tls => 'implicit', program =>
		['stunnel4', stunnel_to_stderr($key, $pop3, '-v', '-s')] },
	{ name => 'STLS by tlswrapper', tls => 'starttls',
		wrapper => 'tlswrapper', root => $roots_root, program => [$pop3, '-T', "tlswrapper -f $key %"] },
	{ name => 'implicit TLS by tlswrapper', tls => 'implicit',
		wrapper => 'tlswrapper', program => ['tlswrapper', '-f', $key, '-u', 'nobody', $pop3, '-v', '-s'] },
);

sub curl
{
	my ($host, $service, $mechanism, @more) = @_;
	my $scheme = $service->{tls} eq 'implicit' ? 'pop3s' : 'pop3';
	return ['curl', '-sS', "$scheme://$host:$service->{port}/1", @more, '--cacert', $trusted,
		$service->{tls} eq 'starttls' ? '--ssl-reqd' : (),
		'-u', "$user:$password", '--login-options', "AUTH=$mechanism"];
}

# Each client: the program, its Debian package, the mechanisms it has (USER: with PASS), and
# its address where it can choose one.  Its command line for a service and a mechanism, and
# where it puts what it has fetched, when not to its standard output.
my @clients = (
	{ program => 'curl', package => 'curl', mechanisms => ['PLAIN', 'LOGIN'], address => '127.0.0.2',
		run => sub { curl('127.0.0.1', @_, '--interface', '127.0.0.2') } },
	{ program => 'curl', package => 'curl', mechanisms => ['PLAIN'], address => '::1',
		run => sub { curl('[::1]', @_) } },
	{ program => 'mpop', package => 'mpop', mechanisms => ['USER', 'PLAIN', 'LOGIN', 'SCRAM-SHA-256'], address => '127.0.0.2', fetched => "$dir/mpop", run => sub {
		my ($service, $mechanism) = @_;
		my $rc = spew("$dir/mpoprc", <<"END");
account default
host 127.0.0.1
port $service->{port}
source_ip 127.0.0.2
user $user
password $password
auth \L$mechanism\E
tls @{[$service->{tls} eq 'off' ? 'off' : 'on']}
tls_starttls @{[$service->{tls} eq 'starttls' ? 'on' : 'off']}
tls_trust_file $trusted
keep on
only_new off
received_header off
delivery mbox $dir/mpop
uidls_file $dir/mpop-uidls
END
		chmod 0600, $rc;
		return ['mpop', '-C', $rc];
	} },
	{ program => 'fetchmail', package => 'fetchmail', mechanisms => ['USER'], fetched => "$dir/fetchmail", run => sub {
		my ($service) = @_;
		my %tls = (off => 'sslproto ""', starttls => 'sslproto "TLS1.2+"', implicit => 'ssl sslproto "TLS1.2+"');
		my $rc = spew("$dir/fetchmailrc", <<"END");
set invisible
set no bouncemail
poll localhost service $service->{port} protocol POP3 auth password
	user "$user" password "$password"
	mda "cat >$dir/fetchmail"
	fetchall keep no rewrite $tls{$service->{tls}} sslcertck sslcertfile "$trusted"
END
		chmod 0600, $rc;
		return ['fetchmail', '-f', $rc, '--pidfile', "$dir/fetchmail.pid"],
			env => { FETCHMAILHOME => $dir, HOME => $dir, LC_ALL => 'C' };
	} },
	{ program => 'python3', package => 'python3', mechanisms => ['USER'], address => '127.0.0.2', run => sub {
		my ($service) = @_;
		return ['python3', '-c', <<'END', $service->{tls}, $service->{port}, $trusted, $user, $password];
import poplib, socket, ssl, sys
tls, port, trusted, user, password = sys.argv[1:]
poplib.POP3._create_socket = lambda self, timeout: \
    socket.create_connection((self.host, self.port), timeout, ('127.0.0.2', 0))
context = ssl.create_default_context(cafile=trusted)
if tls == 'implicit':
    server = poplib.POP3_SSL('127.0.0.1', int(port), context=context, timeout=20)
else:
    server = poplib.POP3('127.0.0.1', int(port), timeout=20)
if tls == 'starttls':
    server.stls(context=context)
server.user(user)
server.pass_(password)
lines = server.retr(1)[1]
server.quit()
sys.stdout.buffer.write(b'\n'.join(lines + [b'']))
END
	} },
	{ program => 's-nail', package => 's-nail', mechanisms => ['USER'], run => sub {
		my ($service) = @_;
		my $scheme = $service->{tls} eq 'implicit' ? 'pop3s' : 'pop3';
		return ['s-nail', '-:/', '-S', 'v15-compat', '-S', 'pop3-no-apop',
			$service->{tls} eq 'starttls' ? ('-S', 'pop3-use-starttls') : (),
			'-S', "tls-ca-file=$trusted", '-S', 'tls-ca-no-defaults', '-S', 'tls-verify=strict',
			'-R', '-Y', 'Show 1', '-Y', 'exit', '-f', "$scheme://bob%40example.com:$password\@localhost:$service->{port}"],
			env => { HOME => $dir };
	} },
	# It cannot be told to take SCRAM, but takes it unless told otherwise
	{ program => 'neomutt', package => 'neomutt', mechanisms => ['USER', 'SCRAM-SHA-256'], fetched => "$dir/spool", run => sub {
		my ($service, $mechanism) = @_;
		my $scheme = $service->{tls} eq 'implicit' ? 'pops' : 'pop';
		spew("$dir/spool", '');
		my $rc = spew("$dir/muttrc", <<"END");
set pop_host = "$scheme://bob%40example.com:$password\@127.0.0.1:$service->{port}/"
@{[$mechanism eq 'USER' ? 'set pop_authenticators = "user"' : '']}
set pop_delete = no
set sleep_time = 0
set ssl_starttls = @{[$service->{tls} eq 'starttls' ? 'yes' : 'no']}
set ssl_force_tls = @{[$service->{tls} eq 'off' ? 'no' : 'yes']}
set certificate_file = "$trusted"
set spoolfile = "$dir/spool"
set folder = "$dir"
push <fetch-mail><exit>
END
		# It is for people at a terminal
		return on_terminal("neomutt -n -F $rc -f $dir/spool"),
			env => { HOME => $dir, TERM => 'vt100' };
	} },
	{ program => 'openssl', package => 'openssl', mechanisms => ['USER', 'PLAIN', 'LOGIN'], address => '127.0.0.2', tls_only => 1, run => sub {
		my ($service, $mechanism) = @_;
		my %dialogue = (
			USER => ["USER $user", "PASS $password"],
			PLAIN => ['AUTH PLAIN ' . encode_base64("\0$user\0$password", '')],
			LOGIN => ['AUTH LOGIN', map { encode_base64($_, '') } $user, $password],
		);
		return ['openssl', 's_client', '-quiet', '-connect', "127.0.0.1:$service->{port}",
			'-bind', '127.0.0.2:0', $service->{tls} eq 'starttls' ? ('-starttls', 'pop3') : (),
			'-CAfile', $trusted, '-verify_return_error', '-verify_ip', '127.0.0.1'],
			input => join("\r\n", $dialogue{$mechanism}->@*, 'RETR 1', 'QUIT', '');
	} },
);

# One session of one client: all that can be said about it.
sub message_is_fetched
{
	my ($client, $service, $mechanism, $log) = @_;
	my $before = length slurp($log);
	unlink $client->{fetched} if $client->{fetched};
	my ($command, %how) = $client->{run}->($service, $mechanism);
	my ($status, $out, $error) = run($command, %how);
	is($status, 0, 'the client is content') or diag($out, $error);

	my $message = !$client->{fetched} ? $out : -e $client->{fetched} ? slurp($client->{fetched}) : '';
	$message =~ s/\r\n/\n/g;
	like($message, qr/^Subject: hello\n.*\n\.?\.Protected or not\.\n/ms, 'it has the message')
		or return diag($error, substr slurp($log), $before);

	# The process that had the session writes its last line when all is over
	my $address = $client->{address} || '(?:127\.0\.0\.1|::1)';
	my $session = qr/: session peer=$address user=\Q$user\E retrieved=1 /;
	ok(until_true(sub { substr(slurp($log), $before) =~ $session }), "the log has user and client's address")
		or diag(substr slurp($log), $before);
	my @used = substr(slurp($log), $before) =~ /conversation (?:mechanism=|client="(?=USER ))([^\s"]+)/g;
	is("@used", $mechanism, "the mechanism was $mechanism");
}

for my $service (@services) {
	# It leaves what it runs less memory than the sanitizers want
	next if $ENV{SANITIZED} && $service->{name} eq 'implicit TLS by tlswrapper';
	my %needs = $service->{wrapper} ? (root => '', $service->{wrapper} => $service->{wrapper}) : ();
	subtest_with \%needs, $service->{name} => sub {
		my ($program, @arguments) = $service->{program}->@*;
		push @arguments, '-v' if $program eq $pop3;
		($service->{port}, my $pid, my $log) = start_on_loopback({
			as => $service->{wrapper} ? [] : [unprivileged()],
			environment => ['MAILROOT=' . ($service->{root} || $root)],
		}, $program, @arguments);

		for my $client (@clients) {
			next if $client->{tls_only} && $service->{tls} eq 'off' || ($client->{address} || '') eq '::1' && !has_ipv6();
			for my $mechanism ($client->{mechanisms}->@*) {
				next if $service->{only} && $service->{only} ne $mechanism;
				subtest_with { $client->{program} => $client->{package} }, "$client->{program}, $mechanism" => sub {
					message_is_fetched($client, $service, $mechanism, $log);
				};
			}
		}
		stop($pid);
		# The shipped configuration says no more than it has to
		unlike(slurp($log), qr/ LOG\d\[/, 'stunnel had nothing to complain of') if $service->{name} =~ /stunnel/;
	};
}

done_testing();
