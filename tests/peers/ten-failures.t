# What a mail client has to survive, made to happen by the very command lines that the
# manuals print (-x): real clients say that they have failed, and the mail is where it has
# to be, once.  Then, with a server in health, they try again.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

# The supervisor runs a script, so that a line runs as it stands in the manual
need('systemd-socket-activate' => 'systemd');

my @TO = ('bob@example.com', 'ann@example.com');
my $dir = scratch_dir();
my $text = "From: anna\@example.org\nSubject: hello\n\nA message not to be lost.\n";
my $crlf = spew("$dir/message", $text =~ s/\n/\r\n/gr);

# The lines with -x in the example of a manual
sub lines_of
{
	my ($page) = @_;
	my ($section) = slurp($page) =~ /^\.Ss Failures on order\n(.*?)^\.S[sh] /ms;
	return grep { /^\S+-stdio .*-x / } split /\n/, $section || '';
}

my %started;	# port of a server => process id

# Runs a command line of a manual, or a program without one, for each connection.
# Returns its port, and the mail root.
sub serve
{
	my ($line, @accounts) = @_;
	my $root = mail_root(@accounts);
	my ($programs) = program('smtp-stdio') =~ m{(.*)/};
	my $script = spew(scratch_dir() . '/server',
		"#!/bin/sh\nPATH=$programs:\$PATH MAILROOT=$root\nexport MAILROOT\nexec $line\n");

	chmod 0755, $script;
	my ($port, $pid) = start_supervisor('systemd-socket-activate', $script);
	die "$line: does not start\n" if !$port;
	$started{$port} = $pid;
	return ($port, $root);
}

# Ends the server: what is left of a session that has just been cut has an end, too.
sub end
{
	my ($port) = @_;
	stop(delete $started{$port});
}

# Each client sends the message, to as many recipients, and logs in if it shall.  Returns
# its exit status and what it said, or undef in place of the status when it hung.
my %send = (
	'curl' => sub {
		my ($port, $login, @to) = @_;
		return run(['curl', '-sS', "smtp://127.0.0.1:$port/client.example", '--mail-from', 'anna@example.org',
			(map { ('--mail-rcpt', $_) } @to), '-T', $crlf,
			$login ? ('--user', 'bob@example.com:secret') : ()]);
	},
	'msmtp' => sub {
		my ($port, $login, @to) = @_;
		return run(['msmtp', '--host=127.0.0.1', "--port=$port", '--tls=off',
			$login ? ('--auth=plain', '--user=bob@example.com', '--passwordeval=echo secret') : '--auth=off',
			'--from=anna@example.org', '--', @to], input => $text);
	},
	'swaks' => sub {
		my ($port, $login, @to) = @_;
		return run(['swaks', '--server', '127.0.0.1', '--port', $port, '--from', 'anna@example.org',
			'--to', join(',', @to), '--data', "\@$crlf",
			$login ? ('--auth', 'PLAIN', '--auth-user', 'bob@example.com', '--auth-password', 'secret') : ()]);
	},
	'python3' => sub {
		my ($port, $login, @to) = @_;
		return python(<<'END', $port, $login ? 1 : 0, $crlf, @to);
port, login, path, *to = sys.argv[1:]
with smtplib.SMTP('127.0.0.1', int(port), timeout=20) as server:
    if login == '1':
        server.login('bob@example.com', 'secret')
    refused = server.sendmail('anna@example.org', to, open(path, 'rb').read())
    if refused:
        sys.exit('refused: %s' % refused)
END
	},
);
my %PACKAGE = (curl => 'curl', msmtp => 'msmtp', swaks => 'swaks', python3 => 'python3', mpop => 'mpop');

sub python
{
	my ($script, @arguments) = @_;
	return run(['python3', '-c', "import poplib, smtplib, sys\n$script", @arguments]);
}

sub count
{
	my ($root, @addresses) = @_;
	return join '/', map { scalar(() = stored($root, $_)) } @addresses;
}

# A failure: the title; the line of the manual; to how many the message goes, and how many
# have it afterwards; whether the client logs in; and what each client's exit status is, and
# what it says.  curl: 8 for an unexpected reply, 55 and 56 for what could not be sent or
# received, 67 for a login.  msmtp: sysexits(3).  swaks: 6 for a lost connection, 21 and on
# for each step.
my @failures = (
	{
		title => 'greylisting',
		line => q{smtp-stdio -x 'RCPT/1=451 4.7.1 Greylisted, try again later'},
		curl => [ 55, qr/RCPT failed: 451/ ],
		msmtp => [ 69, qr/server message: 451 4\.7\.1 Greylisted, try again later/ ],
		swaks => [ 24, qr/^<\*\* 451 4\.7\.1 Greylisted, try again later/m ],
		python3 => [ 1, qr/SMTPRecipientsRefused: .*451, b'4\.7\.1 Greylisted/ ],
	}, {
		title => 'a full mailbox',
		line => q{smtp-stdio -x 'RCPT=452 4.2.2 The mailbox is full'},
		curl => [ 55, qr/RCPT failed: 452/ ],
		msmtp => [ 69, qr/server message: 452 4\.2\.2 The mailbox is full/ ],
		swaks => [ 24, qr/^<\*\* 452 4\.2\.2 The mailbox is full/m ],
		python3 => [ 1, qr/SMTPRecipientsRefused: .*452, b'4\.2\.2 The mailbox is full/ ],
	}, {
		title => 'no service',
		line => q{smtp-stdio -x '+=421 mail.example.com Too busy'},
		curl => [ 8, qr/response: 421/ ],
		msmtp => [ 76, qr/server message: 421 mail\.example\.com Too busy/ ],
		swaks => [ 21, qr/^<\*\* 421 mail\.example\.com Too busy/m ],
		python3 => [ 1, qr/SMTPConnectError: \(421, b'mail\.example\.com Too busy/ ],
	}, {
		title => 'no service any more, in mid-session',
		line => q{smtp-stdio -x 'MAIL/2=421 4.3.2 Shutting down' -x 'MAIL/3='},
	}, {
		title => 'the connection is lost where the message has its reply',
		line => q{smtp-stdio -x '.='},
		curl => [ 56, qr/./ ],
		msmtp => [ 76, qr/./ ],
		swaks => [ 6, qr/closed connection unexpectedly/ ],
		python3 => [ 1, qr/SMTPServerDisconnected/ ],
	}, {
		title => 'the connection is lost where a command has',
		line => q{smtp-stdio -x 'RCPT='},
		curl => [ 56, qr/./ ],
		msmtp => [ 76, qr/./ ],
		swaks => [ 6, qr/closed connection unexpectedly/ ],
		python3 => [ 1, qr/SMTPServerDisconnected/ ],
	}, {
		title => 'one of several recipients is refused',
		line => q{smtp-stdio -x 'RCPT/2=550 5.1.1 No such mailbox'},
		to => 2,
		# These two send to nobody then, and the others to who is left
		curl => [ 55, qr/RCPT failed: 550/ ],
		msmtp => [ 65, qr/ann\@example\.com not accepted/ ],
		swaks => [ 0, qr/^<\*\* 550 5\.1\.1 No such mailbox/m, '1/0' ],
		python3 => [ 1, qr/refused: .*'ann\@example\.com': \(550/, '1/0' ],
	}, {
		title => 'the message is refused when all of it is there',
		line => q{smtp-stdio -x '.=554 5.6.0 Not taken'},
		curl => [ 8, qr/./ ],
		msmtp => [ 69, qr/server message: 554 5\.6\.0 Not taken/ ],
		swaks => [ 26, qr/^<\*\* 554 5\.6\.0 Not taken/m ],
		python3 => [ 1, qr/SMTPDataError: \(554, b'5\.6\.0 Not taken/ ],
	}, {
		title => 'a login cannot be checked now',
		line => q{smtp-stdio -p -x 'AUTH=454 4.7.0 Try again later'},
		login => 1,
		curl => [ 67, qr/./ ],
		msmtp => [ 77, qr/server message: 454 4\.7\.0 Try again later/ ],
		swaks => [ 28, qr/^<\*\* 454 4\.7\.0 Try again later/m ],
		python3 => [ 1, qr/SMTPAuthenticationError: \(454, b'4\.7\.0 Try again later/ ],
	}, {
		title => 'the server knows nothing but HELO',
		line => q{smtp-stdio -x 'EHLO=502 5.5.1 Not implemented'},
		map { $_ => [ 0, qr//, '1' ] } 'curl', 'msmtp', 'swaks', 'python3',
	},
);
is_deeply([ lines_of('smtp-stdio/smtp-stdio.8') ], [ map { $_->{line} } @failures ],
	'these are the command lines of smtp-stdio(8)'); ## smtp-stdio-x

for my $failure (@failures) {
	my @to = @TO[0 .. ($failure->{to} || 1) - 1];

	for my $client ('curl', 'msmtp', 'swaks', 'python3') {
		my ($expected, $says, $there) = @{ $failure->{$client} || next };

		subtest_with { $client => $PACKAGE{$client} }, "$failure->{title}: $client" => sub {
			my ($port, $root) = serve($failure->{line}, @TO);
			my ($status, $out, $error) = $send{$client}->($port, $failure->{login}, @to);
			end($port);
			is(defined $status && $status >> 8, $expected, 'its exit status') or diag($out, $error); ## smtp-stdio-x
			like("$out$error", $says, 'what it says'); ## smtp-stdio-x
			is(count($root, @to), $there || join('/', map { 0 } @to), 'who has the message'); ## smtp-stdio-x
			is(join('', glob "$root/mail/.incoming/*"), '', 'and nobody has a part of it'); ## smtp-stdio-x
			return if $expected == 0 || $there;

			# The same again, where nothing goes wrong any more
			my ($good) = $failure->{line} =~ /^(.*?) -x /;
			($port, $root) = serve($good, @TO);
			($status, $out, $error) = $send{$client}->($port, $failure->{login}, @to);
			end($port);
			is($status, 0, 'it tries again, and is content') or diag($out, $error);
			is(count($root, @to), join('/', map { 1 } @to), 'each has the message, once');
		};
	}
}

# What takes a client that sends more than once in a session
subtest_with { python3 => 'python3' }, 'greylisting: tried again in the same session' => sub {
	my ($port, $root) = serve($failures[0]{line}, @TO);
	my ($status, $out, $error) = python(<<'END', $port, $crlf);
message = open(sys.argv[2], 'rb').read()
with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=20) as server:
    try:
        server.sendmail('anna@example.org', ['bob@example.com'], message)
        sys.exit('sent at once')
    except smtplib.SMTPRecipientsRefused as refused:
        assert refused.recipients['bob@example.com'][0] == 451, refused
    server.sendmail('anna@example.org', ['bob@example.com'], message)
END
	is($status, 0, 'the second time it is taken') or diag($out, $error); ## smtp-stdio-x
	is(count($root, 'bob@example.com'), 1, 'and is there once'); ## smtp-stdio-x
	end($port);
};

subtest_with { python3 => 'python3' }, "$failures[3]{title}: smtplib" => sub {
	my ($port, $root) = serve($failures[3]{line}, @TO);
	my ($status, $out, $error) = python(<<'END', $port, $crlf);
message = open(sys.argv[2], 'rb').read()
server = smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=20)
server.sendmail('anna@example.org', ['bob@example.com'], message)
try:
    server.sendmail('anna@example.org', ['ann@example.com'], message)
    sys.exit('sent')
except smtplib.SMTPSenderRefused as refused:
    assert refused.smtp_code == 421, refused
END
	is($status, 0, 'the second message has got 421') or diag($out, $error); ## smtp-stdio-x
	is(count($root, @TO), '1/0', 'and only the first is there'); ## smtp-stdio-x
	end($port);
};

subtest_with { curl => 'curl' }, "$failures[6]{title}: curl, told to go on" => sub {
	my ($port, $root) = serve($failures[6]{line}, @TO);
	my ($status, $out, $error) = run(['curl', '-sS', "smtp://127.0.0.1:$port/client.example",
		'--mail-from', 'anna@example.org', '--mail-rcpt-allowfails', (map { ('--mail-rcpt', $_) } @TO), '-T', $crlf]);
	is($status, 0, 'it is content') or diag($out, $error); ## smtp-stdio-x
	is(count($root, @TO), '1/0', 'who is left has it'); ## smtp-stdio-x
	end($port);
};

# POP3 -----------------------------------------------------------------------------------

my ($in_use, $unreadable, $lost) = my @lines = (
	q{pop3-stdio -p -x 'PASS/1=-ERR [IN-USE] The mailbox is open elsewhere'},
	q{pop3-stdio -p -x 'RETR/1=-ERR [SYS/TEMP] Try again later'},
	q{pop3-stdio -p -x 'QUIT='},
);
is_deeply([ lines_of('pop3-stdio/pop3-stdio.8') ], \@lines, 'these are the command lines of pop3-stdio(8)'); ## smtp-stdio-x

# A server with a message for Bob
sub serve_message
{
	my ($line) = @_;
	my ($port, $root) = serve($line, 'bob@example.com');
	deliver($root, 'bob@example.com', $text);
	return ($port, $root);
}

# mpop with a directory of its own: it fetches and removes.  Returns what run() does;
# and where the messages are.
sub mpop
{
	my ($port, $at) = @_;
	my $rc = spew("$at/mpoprc", <<"END");
account default
host 127.0.0.1
port $port
user bob\@example.com
password secret
auth user
tls off
keep off
received_header off
delivery maildir $at/mail
uidls_file $at/uidls
END
	chmod 0600, $rc;
	mkdir "$at/mail$_" for '', '/tmp', '/new', '/cur';
	return run(['mpop', '-C', $rc]);
}

# curl, which fetches or does as told; it takes USER and PASS where nothing else is there
sub curl
{
	my ($port, @how) = @_;
	return run(['curl', '-sS', "pop3://127.0.0.1:$port/1", '--user', 'bob@example.com:secret', @how]);
}

subtest_with { mpop => 'mpop' }, 'mpop' => sub {
	my $at = scratch_dir();
	for ([ $in_use, 'the mailbox is open elsewhere' ], [ $unreadable, 'a message cannot be read' ]) {
		my ($line, $title) = @$_;
		my ($port, $root) = serve_message($line);
		my ($status, $out, $error) = mpop($port, $at);
		isnt($status, 0, "$title: it says so") or diag($out, $error); ## smtp-stdio-x
		is(count($root, 'bob@example.com') . (() = glob "$at/mail/new/*"), '10', "$title: the message stays, and has come nowhere"); ## smtp-stdio-x
		end($port);
	}
	my ($port, $root) = serve_message($lost);
	my ($status, $out, $error) = mpop($port, $at);
	isnt($status, 0, 'the connection is lost before QUIT has its reply: it says so') or diag($out, $error); ## smtp-stdio-x
	is(count($root, 'bob@example.com'), 1, 'the message stays'); ## smtp-stdio-x
	mpop($port, $at);
	is(scalar(() = glob "$at/mail/new/*"), 1, 'and is fetched once, however often it is there'); ## smtp-stdio-x
	end($port);

	($port, $root) = serve_message('pop3-stdio -p');
	($status, $out, $error) = mpop($port, $at);
	is($status, 0, 'it tries again, and is content') or diag($out, $error);
	is(count($root, 'bob@example.com') . (() = glob "$at/mail/new/*"), '02', 'and has this message, and the one before');
	end($port);
};

subtest_with { curl => 'curl' }, 'curl' => sub {
	my ($port, $root) = serve_message("$in_use -X SASL");
	my ($status, $out, $error) = curl($port);
	is($status >> 8, 67, 'the mailbox is open elsewhere: it says so') or diag($out, $error); ## smtp-stdio-x
	is($out, '', 'and shows nothing'); ## smtp-stdio-x
	end($port);

	($port, $root) = serve_message($unreadable);
	($status, $out, $error) = curl($port);
	is($status >> 8, 8, 'a message cannot be read: it says so') or diag($out, $error); ## smtp-stdio-x
	is($out, '', 'and shows nothing'); ## smtp-stdio-x
	is(count($root, 'bob@example.com'), 1, 'the message stays'); ## smtp-stdio-x
	end($port);

	($port, $root) = serve_message($lost);
	curl($port, '-X', 'DELE 1', '--list-only');
	is(count($root, 'bob@example.com'), 1, 'the connection is lost before QUIT has its reply: the message stays'); ## smtp-stdio-x
	end($port);
};

subtest_with { python3 => 'python3' }, 'poplib' => sub {
	my ($port, $root) = serve_message($in_use);
	my ($status, $out, $error) = python(<<'END', $port);
server = poplib.POP3('127.0.0.1', int(sys.argv[1]), timeout=20)
server.user('bob@example.com')
try:
    server.pass_('secret')
    sys.exit('logged in')
except poplib.error_proto as failure:
    assert failure.args[0].startswith(b'-ERR [IN-USE] '), failure
server.user('bob@example.com')
server.pass_('secret')
assert server.stat()[0] == 1
server.quit()
END
	is($status, 0, 'the mailbox is open elsewhere, and the next time it is not') or diag($out, $error); ## smtp-stdio-x
	end($port);

	($port, $root) = serve_message($unreadable);
	($status, $out, $error) = python(<<'END', $port);
server = poplib.POP3('127.0.0.1', int(sys.argv[1]), timeout=20)
server.user('bob@example.com')
server.pass_('secret')
try:
    server.retr(1)
    sys.exit('read')
except poplib.error_proto as failure:
    assert failure.args[0].startswith(b'-ERR [SYS/TEMP] '), failure
assert b'A message not to be lost.' in server.retr(1)[1]
server.quit()
END
	is($status, 0, 'a message cannot be read, and the next time it can') or diag($out, $error); ## smtp-stdio-x
	end($port);

	($port, $root) = serve_message($lost);
	($status, $out, $error) = python(<<'END', $port);
server = poplib.POP3('127.0.0.1', int(sys.argv[1]), timeout=20)
server.user('bob@example.com')
server.pass_('secret')
server.dele(1)
try:
    server.quit()
    sys.exit('a reply')
except poplib.error_proto as failure:
    assert failure.args[0] == '-ERR EOF', failure
END
	is($status, 0, 'the connection is lost before QUIT has its reply, and it says so') or diag($out, $error); ## smtp-stdio-x
	is(count($root, 'bob@example.com'), 1, 'the message stays'); ## smtp-stdio-x
	end($port);
};

done_testing();
