# STARTTLS and STLS as the handing over of the connection to a program that does TLS:
# under supervisors that leave it different descriptors, without any privileges, nothing
# but TLS comes after the reply, and what the client has sent in clear behind the command
# is executed by nobody (RFC 3207 section 4, RFC 2595 section 4).
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

need(openssl => 'openssl');

my $line = qr/[^\r\n]*\r\n/;
# How a TLS wrapper may tell a client that it does not speak TLS: an alert, or nothing
my $no_clear_text = qr/(?:\x15\x03[\x00-\x04]\x00\x02[\x01\x02].)?/s;

my ($key, $trusted) = certificate();
my ($smtp, $pop3) = map { program_for_all($_) } 'smtp-stdio', 'pop3-stdio';

# Each wrapper: its Debian package, whether it may do without privileges, and the -T for a
# program with its flags; it is one word, as inetd and xinetd know none with blanks in them.
my @wrappers = (
	[stunnel4 => 'stunnel4', 1, sub {
		return stunnel_configuration($key, @_, '-s', '-g');
	}],
	# Only its own processes are somebody else then: the program stays who it was
	[tlswrapper => 'tlswrapper', 0, sub {
		my $wrapper = spew(scratch_dir() . '/wrapper', "#!/bin/sh\nexec tlswrapper -f $key @_ -s -g\n");
		chmod 0755, $wrapper;
		return $wrapper;
	}],
);

# What a client says and hears after STARTTLS or STLS, by openssl's own client.
sub under_tls
{
	my ($port, $protocol, @lines) = @_;
	my ($status, $out, $error) = run(['openssl', 's_client', '-quiet', '-starttls', $protocol,
		'-connect', "127.0.0.1:$port", '-bind', '127.0.0.2:0',
		'-CAfile', $trusted, '-verify_return_error', '-verify_ip', '127.0.0.1'],
		input => join('', map { "$_\r\n" } @lines));
	is($status, 0, 'the client sees a certificate that it trusts') or diag($error);
	return $out;
}

sub smtp_is_handed_over
{
	my ($port, $root) = @_;
	my $heard = under_tls($port, 'smtp', 'NOOP', 'MAIL FROM:<anna@example.org>', 'EHLO client.example',
		'STARTTLS', 'MAIL FROM:<anna@example.org>', 'RCPT TO:<bob@example.com>', 'DATA',
		"Subject: hello\r\n\r\nBy TLS.\r\n.", 'QUIT');
	# openssl shows the last line that it read before the handshake, too
	$heard =~ s/\A250 HELP\r\n//;
	my ($after, $keywords) = $heard =~ /\A(250 2\.0\.0 ${line}503 5\.5\.1 $line)((?:250-$line)+250 HELP\r\n)/;
	ok($after, 'no greeting, and nothing is known of the session before') or diag($heard);
	unlike($keywords || 'STARTTLS', qr/STARTTLS/, 'it is not offered again');
	like($keywords || '', qr/^250-AUTH SCRAM-SHA-256 PLAIN LOGIN\r$/m, 'but logging in by any mechanism is');
	like($heard, qr/^503 5\.5\.1 ${line}250 2\.1\.0 ${line}250 2\.1\.5 ${line}354 ${line}250 2\.0\.0 ${line}221 $line\z/m,
		'the session goes on to its end') or diag($heard);

	my @messages = stored($root, 'bob@example.com');
	is(scalar @messages, 1, 'the message has come') or return;
	like(slurp($messages[0]), qr/^Received: from client\.example \(\S+ \[127\.0\.0\.2\]\)\s+by \S+ with ESMTPS /m,
		'from the address of the client');
	is((stat $messages[0])[4], (stat $root)[4], 'and belongs to whom all belongs');

	my @fault = ["EHLO client.example\r\n", qr/^250 $line\z/m];
	my $mail = "EHLO evil.example\r\nMAIL FROM:<evil\@example.org>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\n.\r\nQUIT\r\n";
	like(session($port, qr/^220 $line\z/, @fault, ["STARTTLS\r\n$mail", qr/\n/]),
		qr/^250 HELP\r\n501 5\.5\.4 $line\z/m, 'commands behind STARTTLS in clear end the session');	## smtp-3207-6-a
	like(session($port, qr/^220 $line\z/, ["EHLO client.example\r\nSTARTTLS\r\n$mail", qr/^501 /m]),
		qr/^250 HELP\r\n501 5\.5\.4 $line\z/m, 'also where all comes as one');	## smtp-3207-6-a
	like(session($port, qr/^220 $line\z/, @fault, ["STARTTLS\r\n", qr/^220 $line\z/m], [$mail, qr//]),
		qr/^250 HELP\r\n220 2\.0\.0 $line$no_clear_text\z/m, 'behind the reply, they are no TLS');	## smtp-3207-4-a
	is(scalar(stored($root, 'bob@example.com')), 1, 'no message has come of it');
}

sub pop3_is_handed_over
{
	my ($port, $root) = @_;
	my $heard = under_tls($port, 'pop3', 'NOOP', 'CAPA', 'STLS', 'USER bob@example.com', 'PASS secret', 'STAT', 'QUIT');
	# openssl shows the last line that it read before the handshake, too
	$heard =~ s/\A\+OK $line(?=-ERR)//;
	my ($keywords) = $heard =~ /\A-ERR $line(\+OK $line(?:[A-Z]$line)+\.\r\n)-ERR /;
	ok($keywords, 'no greeting, and still before the login') or diag($heard);
	unlike($keywords || 'STLS', qr/STLS/, 'STLS is not offered again');
	like($keywords || '', qr/^USER\r\n(?s:.*)^SASL SCRAM-SHA-256 PLAIN LOGIN\r\n/m,
		'but logging in by any mechanism is');
	like($heard, qr/^(?:\+OK $line){2}\+OK 1 \d+\r\n\+OK $line\z/m, 'the session goes on to its end') or diag($heard);

	my @capa = ["CAPA\r\n", qr/^\.\r\n\z/m];
	my $commands = "USER bob\@example.com\r\nPASS secret\r\nDELE 1\r\nQUIT\r\n";
	like(session($port, qr/^\+OK $line\z/, @capa, ["STLS\r\n$commands", qr/\n/]),
		qr/^\.\r\n-ERR $line\z/m, 'commands behind STLS in clear end the session');	## pop3-2595-4-c
	like(session($port, qr/^\+OK $line\z/, ["CAPA\r\nSTLS\r\n$commands", qr/^-ERR /m]),
		qr/^\.\r\n-ERR $line\z/m, 'also where all comes as one');	## pop3-2595-4-c
	like(session($port, qr/^\+OK $line\z/, @capa, ["STLS\r\n", qr/^\+OK $line\z/m], [$commands, qr//]),
		qr/^\.\r\n\+OK $line$no_clear_text\z/m, 'behind the reply, they are no TLS');	## pop3-2595-4-b
	is(scalar(stored($root, 'bob@example.com')), 1, 'no message has been deleted');
}

for my $wrapper (@wrappers) {
	my ($command, $package, $drops, $tls) = @$wrapper;
	for (supervisors()) {
		my ($supervisor, $its_package) = @$_;
		next if $supervisor !~ /^(?:systemd-socket-activate|xinetd|tcpserver|inetd)$/;
		# Nobody but root may open what inetd opens
		my $as = $drops && $supervisor ne 'inetd' ? [unprivileged()] : [];
		my %needs = ($supervisor => $its_package, $command => $package, $drops ? () : (root => ''));
		subtest_with \%needs, "$command under $supervisor" => sub {
			my $root = mail_root('bob@example.com');
			give_away($root) if $drops;
			for ([$smtp, \&smtp_is_handed_over], [$pop3, \&pop3_is_handed_over]) {
				my ($program, $check) = @$_;
				my @flags = ('-d', $root, '-h', 'mail.example.com');
				my ($port, $pid) = start_supervisor_as($as, $supervisor, $program, @flags,
					'-T', $tls->($program, @flags));
				ok($port, 'it listens') or return;
				$check->($port, $root);
				stop($pid);
				is(join(', ', alive_in_session($pid)), '', 'no process is left');
			}
		};
	}
}

# xinetd gives the connection as descriptor 2 as well, where many programs complain
subtest_with { xinetd => 'xinetd', stunnel4 => 'stunnel4' }, 'a wrapper that cannot do its work' => sub {
	my $root = give_away(mail_root('bob@example.com'));
	my $broken = stunnel_configuration('/nonexistent.pem', $smtp, '-s', '-g');
	my ($port, $pid) = start_supervisor_as([unprivileged()], 'xinetd', $smtp, '-d', $root, '-T', $broken);
	like(session($port, qr/^220 $line\z/, ["EHLO client.example\r\n", qr/^250 $line\z/m], ["STARTTLS\r\n", qr/\n\z/]),
		qr/^250 HELP\r\n220 2\.0\.0 $line\z/m, 'says nothing to the client');
	stop($pid);
};

subtest_with { xinetd => 'xinetd', stunnel4 => 'stunnel4' }, 'stunnel in front, under xinetd' => sub {
	my $root = give_away(mail_root('bob@example.com'));
	# A client that is silent is to hear of it by TLS, too: stunnel has more patience
	for (['QUIT', 221, 60], ['', 421, 1]) {
		my ($says, $hears, $seconds) = @$_;
		my $stunnel = stunnel_configuration($key, $smtp, '-s', '-t', $seconds, '-d', $root);
		my ($port, $pid) = start_supervisor_as([unprivileged()], 'xinetd', $stunnel);
		like(session($port, qr//, ["EHLO client.example\r\n", qr//]), qr/\A$no_clear_text\z/, 'nothing is said but by TLS');
		my ($status, $out, $error) = run(['openssl', 's_client', '-quiet', '-connect', "127.0.0.1:$port",
			'-CAfile', $trusted, '-verify_return_error'], input => $says && "$says\r\n");
		like($out, qr/\A220 $line$hears $line\z/, 'and by TLS nothing but SMTP') or diag($error);
		stop($pid);
	}
};

done_testing();
