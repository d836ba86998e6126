# The clients that people have, as they are: what curl, Python, swaks and msmtp send,
# curl, Python, mpop and fetchmail fetch, and the text is the same at both ends.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

# What a message may have that one of the many programs on its way could spoil
my $text = <<'END';
From: Anna Example <anna@example.org>
To: Bob Example <bob@example.com>
Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
Date: Mon, 03 Nov 2025 10:00:00 +0100
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

.one dot
..two dots
.
From the start of a line
>From an mbox
END
$text .= "Gr\xc3\xbc\xc3\x9fe aus K\xc3\xb6ln\n" . 'long ' x 190 . "\n\ttab and blanks  \n\nend\n";

my $dir = scratch_dir();
my $root = mail_root('bob@example.com');
my $supervisor = any_supervisor();
my ($smtp) = start_supervisor($supervisor, program('smtp-stdio'), '-d', $root);
my ($pop3) = start_supervisor($supervisor, program('pop3-stdio'), '-p', '-d', $root);
ok($smtp && $pop3, "$supervisor serves both") or BAIL_OUT('no client can be tested');

# Files as clients read them: lines end as on this system, and as on the wire
my $lf = spew("$dir/lf", $text);
my $crlf = spew("$dir/crlf", $text =~ s/\n/\r\n/gr);

# The client did its work, and the message lies in the mailbox as it was written; it is
# taken away again.
sub is_delivered
{
	my ($client, $status, $out, $error) = @_;

	is($status, 0, "$client is content") or diag($out, $error);
	my @messages = stored($root, 'bob@example.com');
	is(scalar @messages, 1, 'one message has come');
	is(text_of(slurp($messages[0])), $text, 'its text is what was sent') if @messages;
	unlink @messages;
}

# The same for what a client has fetched.
sub is_fetched
{
	my ($client, $message, $status, $out, $error) = @_;

	is($status, 0, "$client is content") or diag($out, $error);
	is(text_of($message), $text, 'its text is what was sent');
}

subtest_with { curl => 'curl' }, 'curl sends' => sub {
	is_delivered('curl', run(['curl', '-sS', "smtp://127.0.0.1:$smtp/client.example",
		'--mail-from', 'anna@example.org', '--mail-rcpt', 'bob@example.com', '-T', $crlf]));
};

subtest_with { curl => 'curl' }, 'curl sends a file with LF line ends when told --crlf' => sub {
	is_delivered('curl', run(['curl', '-sS', '--crlf', "smtp://127.0.0.1:$smtp/client.example",
		'--mail-from', 'anna@example.org', '--mail-rcpt', 'bob@example.com', '-T', $lf]));
};

subtest_with { python3 => 'python3' }, 'smtplib sends' => sub {
	is_delivered('smtplib', run(['python3', '-c', <<'END', $smtp, $crlf]));
import smtplib, sys
with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=20) as server:
    refused = server.sendmail('anna@example.org', ['bob@example.com', 'nobody@example.com'],
        open(sys.argv[2], 'rb').read(), mail_options=['BODY=8BITMIME'])
assert list(refused) == ['nobody@example.com'], refused
assert refused['nobody@example.com'][0] == 550, refused
END
};

subtest_with { swaks => 'swaks' }, 'swaks sends' => sub {
	# swaks ends the data with a line end of its own
	my $data = spew("$dir/swaks", $text =~ s/\n\z//r);
	is_delivered('swaks', run(['swaks', '--server', '127.0.0.1', '--port', $smtp,
		'--from', 'anna@example.org', '--to', 'bob@example.com', '--data', "\@$data"]));
};

subtest_with { msmtp => 'msmtp' }, 'msmtp sends' => sub {
	is_delivered('msmtp', run(['msmtp', '--host=127.0.0.1', "--port=$smtp", '--tls=off',
		'--auth=off', '--from=anna@example.org', '--', 'bob@example.com'], input => $text));
};

deliver($root, 'bob@example.com', $text);

subtest_with { curl => 'curl' }, 'curl fetches' => sub {
	my @result = run(['curl', '-sS', "pop3://127.0.0.1:$pop3/1", '-u', 'bob@example.com:secret']);
	is_fetched('curl', $result[1], @result);

	@result = run(['curl', '-sS', "pop3://127.0.0.1:$pop3/", '-u', 'bob@example.com:secret']);
	my ($file) = stored($root, 'bob@example.com');
	my ($octets) = $file =~ /,W=(\d+)/;
	is($result[1], "1 $octets\r\n", 'and lists');

	@result = run(['curl', '-sS', "pop3://127.0.0.1:$pop3/", '-u', 'bob@example.com:wrong']);
	is($result[0] >> 8, 67, 'and says that a wrong password is one');
};

subtest_with { python3 => 'python3' }, 'poplib fetches' => sub {
	my @result = run(['python3', '-c', <<'END', $pop3]);
import poplib, sys
server = poplib.POP3('127.0.0.1', int(sys.argv[1]), timeout=20)
server.user('bob@example.com')
server.pass_('secret')
count, octets = server.stat()
_, lines, length = server.retr(1)
assert count == 1 and length == octets, (count, octets, length)
assert server.top(1, 0)[1] == lines[:lines.index(b'') + 1]
assert server.uidl(1).startswith(b'+OK 1 ')
assert 'TOP' in server.capa()
server.quit()
sys.stdout.buffer.write(b'\n'.join(lines + [b'']))
END
	is_fetched('poplib', $result[1], @result);
};

subtest_with { mpop => 'mpop' }, 'mpop fetches once' => sub {
	my $rc = spew("$dir/mpoprc", <<"END");
account default
host 127.0.0.1
port $pop3
user bob\@example.com
password secret
auth user
tls off
keep on
received_header off
delivery maildir $dir/mpop
uidls_file $dir/mpop-uidls
END
	chmod 0600, $rc;
	mkdir "$dir/mpop$_" for '', '/tmp', '/new', '/cur';

	my @result = run(['mpop', '-C', $rc]);
	my @messages = glob "$dir/mpop/new/*";
	is(scalar @messages, 1, 'one message');
	is_fetched('mpop', @messages ? slurp($messages[0]) : '', @result);

	run(['mpop', '-C', $rc]);
	@messages = glob "$dir/mpop/new/*";
	is(scalar @messages, 1, 'the unique-id tells mpop that it has the message already');
};

subtest_with { fetchmail => 'fetchmail' }, 'fetchmail fetches and deletes' => sub {
	my $rc = spew("$dir/fetchmailrc", <<"END");
set invisible
set no bouncemail
poll 127.0.0.1 service $pop3 protocol POP3 auth password
	user "bob\@example.com" password "secret"
	mda "cat >$dir/fetchmail"
	fetchall no keep no rewrite sslproto ""
END
	chmod 0600, $rc;
	my @result = run(['fetchmail', '-f', $rc, '--pidfile', "$dir/fetchmail.pid"],
		env => { FETCHMAILHOME => $dir, HOME => $dir, LC_ALL => 'C' });
	is_fetched('fetchmail', -e "$dir/fetchmail" ? slurp("$dir/fetchmail") : '', @result);
	is(scalar(stored($root, 'bob@example.com')), 0, 'the message is deleted');
};

done_testing();
