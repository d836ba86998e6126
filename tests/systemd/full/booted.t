# The units that are shipped, under a real systemd: mail comes in on port 25 and goes out
# on port 110, in clear, by TLS, and by a Unix socket; no source gets more than its share,
# neither a flood, nor a restart, nor a session that was killed, does any harm; and
# the journal has one clear line a delivery.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket::UNIX;
use Test::More;
use PeerTest;
use Booted;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need(curl => 'curl', mpop => 'mpop', openssl => 'openssl');
need_machine();

my $line = qr/[^\r\n]*\r\n/;
my ($key, $certificate) = certificate();
my $root = installed_root($key);
my $mail = "$root/var/lib/mail-stdio";
boot();
inside_ok('mailstore add bob@example.com', input => "secret\n");
inside_ok("systemctl enable --now smtp-stdio.socket pop3-stdio.socket");

# What a client says to hand in a message; %how: `hold` is called before the text is whole,
# `mode` words before the envelope
sub message
{
	my ($subject, %how) = @_;
	return ([($how{lmtp} ? 'LHLO' : 'EHLO') . " client.example\r\n", qr/^250 $line\z/m],
		["MAIL FROM:<a\@example.org>\r\n", qr/^250 2\.1\.0 $line\z/],
		["RCPT TO:<bob\@example.com>\r\n", qr/^250 2\.1\.5 $line\z/],
		["DATA\r\n", qr/^354 $line\z/],
		$how{hold} ? (["Subject: $subject\r\n", qr/\A\z/], $how{hold}, ["\r\nhello\r\n.\r\n", qr/^$line\z/])
			: ["Subject: $subject\r\n\r\nhello\r\n.\r\n", qr/^$line\z/],
		["QUIT\r\n", qr/^221 $line\z/]);
}

my $greeting = qr/\A220 $line\z/;
my $taken = qr/^250 2\.0\.0 OK id=(\S+)\r\n221 $line\z/m;

# The messages with this subject.
sub with_subject
{
	my ($subject) = @_;
	return grep { /^Subject: \Q$subject\E$/m } map { slurp($_) } stored($mail, 'bob@example.com');
}

# The port serves, and nothing is left of the sessions before.
sub serves_as_ever
{
	my ($subject) = @_;
	like(talk(connect_from('127.0.0.9', 25), $greeting, message($subject)), $taken, 'the port answers');
	is(scalar(with_subject($subject)), 1, 'and takes mail');
	ok(until_true(sub { !instances('smtp-stdio') }), 'no session stays, nor a unit that has failed')
		or diag(instances('smtp-stdio'));
}

# All that comes on a connection to its end.
sub heard
{
	my ($socket) = @_;
	my $all = '';
	1 while sysread $socket, $all, 4096, length $all;
	return $all;
}

sub spool
{
	my ($name, $text) = @_;
	return spew(scratch_dir() . "/$name", $text);
}

subtest 'mail comes in on port 25, and goes out on port 110' => sub {
	my $text = spool('text', "Subject: in and out\r\n\r\nhello\r\n");
	my ($status, $out, $error) = run(['curl', '-sv', '--interface', '127.0.0.2', 'smtp://127.0.0.1/client.example',
		'--mail-from', 'a@example.org', '--mail-rcpt', 'bob@example.com', '-T', $text]);
	is($status, 0, 'curl hands it in') or diag($error);
	my ($id) = $error =~ /^< 250 2\.0\.0 OK id=([^\s]+)/m;
	my $directory = scratch_dir();
	mkdir "$directory/$_" for '', 'tmp', 'new', 'cur';
	my $rc = spool('mpoprc', <<"END");
account default
host 127.0.0.1
source_ip 127.0.0.3
auth scram-sha-256
user bob\@example.com
password secret
tls off
delivery maildir $directory
uidls_file $directory/uidls
END
	chmod 0600, $rc;
	($status, $out, $error) = run(['mpop', '-C', $rc]);
	is($status, 0, 'mpop logs in and fetches it') or diag($error);
	my ($fetched) = map { slurp($_) } glob "$directory/new/*";
	like($fetched // '', qr/^Received: from client\.example \(\S+ \[127\.0\.0\.2\]\)\s.*^Subject: in and out\r?\n\r?\nhello\r?\n\z/ms,
		'octet for octet, and it says from where it came');
	is(scalar(stored($mail, 'bob@example.com')), 0, 'and it is gone');

	my @delivered = grep { $_->{MESSAGE} =~ /^delivery / } journal('SYSLOG_IDENTIFIER=smtp-stdio');
	is(scalar @delivered, 1, 'the journal has one line for the delivery');
	my $entry = $delivered[0] || {};
	like($entry->{MESSAGE}, qr/ $_(?: |$)/, "with $_")
		for "id=\Q$id\E", 'peer=127\.0\.0\.2', 'helo=client\.example', 'from=a@example\.org', 'to=bob@example\.com',
			'size=\d+', 'tls=no', 'status=250', 'milliseconds=\d+';
	is($entry->{PRIORITY}, 6, 'with a priority');
	like($entry->{_SYSTEMD_UNIT}, qr/^smtp-stdio\@/, 'from that session');
	my ($session) = grep { $_->{MESSAGE} =~ /^session / } journal('SYSLOG_IDENTIFIER=pop3-stdio');
	like($session->{MESSAGE}, qr/^session peer=127\.0\.0\.3 user=bob\@example\.com .*retrieved=1 removed=1 .*end=quit/, 'the one that fetched it is there, too');
};

sub share
{
	return 0 + said('systemctl', 'show', '-p', 'MaxConnectionsPerSource', '--value', 'smtp-stdio.socket');
}

subtest 'no source has more than its share' => sub {
	my $share = share();
	ok($share, "which is $share connections");
	my @all = map { connect_from('127.0.0.2', 25) } 1 .. $share + 3;
	my ($served, $closed) = outcomes(@all);
	is($served, $share, 'so many are served');
	is($closed, 3, 'those past it are closed at once');
	my $said = '';
	for (1 .. 3) {          # a busy machine may not get a process started at once
		$said = talk(connect_from('127.0.0.3', 25), $greeting, message('another source'));
		last if $said =~ $taken;
		diag("another source: $said");
	}
	like($said, $taken, 'another source is served meanwhile');
	close $_ for @all;
	serves_as_ever('share');
};

subtest '500 connections at once' => sub {
	my @all = map { my $source = "127.1.0.$_"; map { connect_from($source, 25) } 1 .. 100 } 1 .. 5;
	my ($served, $closed) = outcomes(@all);
	is($served, 5 * share(), 'each source gets its share');
	is($served + $closed, 500, 'and what is past it is closed');
	close $_ for @all;
	ok(until_true(sub { !instances('smtp-stdio') }), 'all of them end');
	is(said('systemctl', 'is-active', 'smtp-stdio.socket'), "active\n", 'the socket is still there');
	serves_as_ever('500');
};

subtest 'a restart in mid-session' => sub {
	my $said = talk(connect_from('127.0.0.2', 25), $greeting, message('restart', hold => sub {
		inside_ok('systemctl restart smtp-stdio.socket');
		like(talk(connect_from('127.0.0.3', 25), $greeting, message('meanwhile')), $taken, 'another session');
	}));
	if ($said =~ $taken) {
		is(scalar(with_subject('restart')), 1, 'the session goes on, and the message is there');
	} else {
		like($said, qr/^421 $line\[connection closed\]\z/m, 'the session is told to end');
		is(scalar(with_subject('restart')), 0, 'and the message is not there');
	}
	serves_as_ever('restarted');
};

subtest 'a session that is stopped, and one that is killed' => sub {
	for (['stop', qr/^354 ${line}421 4\.3\.2 $line\n\[connection closed\]/m],
		# One of its processes may live long enough to say so
		['kill -s KILL', qr/^354 $line(?:421 4\.3\.2 $line)?\n\[connection closed\]/m]) {
		my ($how, $sees) = @$_;
		my $said = talk(connect_from('127.0.0.2', 25), $greeting, message($how, hold => sub {
			inside_ok("systemctl $how 'smtp-stdio\@*.service'");
		}));
		like($said, $sees, "$how: what the client sees");
		is(scalar(with_subject($how)), 0, 'nothing is there that was not acknowledged');
		serves_as_ever("after $how");
	}
	# What a killed one was receiving may stay: in nobody's way, until somebody looks
	said('mailstore', 'check', '-r');
	is(join(' ', glob "$mail/mail/.incoming/*"), '', 'no part of it is anywhere');
};

# Each service with TLS: what curl calls it, and how it is told to begin
my @protected = (
	['submission', 'smtp://127.0.0.1:587', '--ssl-reqd'],
	['submissions', 'smtps://127.0.0.1'],
	['smtp-stdio', 'smtp://127.0.0.1', '--ssl-reqd'],
	['pop3-stdio', 'pop3://127.0.0.1/1', '--ssl-reqd'],
	['pop3s', 'pop3s://127.0.0.1/1'],
);

subtest 'with a certificate, TLS is on each port' => sub {
	inside_ok('systemctl enable --now submission.socket submissions.socket pop3s.socket');
	for (@protected) {
		my ($name, $url, @begin) = @$_;
		my $text = spool('text', "Subject: $name\r\n\r\nhello\r\n");
		my ($status, $out, $error) = run(['curl', '-sv', '--interface', '127.0.0.4', '--cacert', $certificate, @begin, $url,
			$name eq 'smtp-stdio' ? () : ('-u', 'bob@example.com:secret'),
			$name =~ /pop3/ ? () : ('--mail-from', 'bob@example.com', '--mail-rcpt', 'bob@example.com', '-T', $text)]);
		is($status, 0, "$name: curl") or diag($error, said('journalctl', '--no-pager', '-n', 20));
		like($out, qr/^Return-Path: .*^hello\r$/ms, "$name: mail is given out") if $name =~ /pop3/;
		next if $name =~ /pop3/;
		my ($message) = with_subject($name);
		like($message // '', qr/^Received: from \S+ \(\S+ \[127\.0\.0\.4\]\)\s+by \S+ with ESMTPSA? /m, "$name: mail is taken, from the client's address");
	}
	ok(until_true(sub { !map { instances($_->[0]) } @protected }), 'no session stays');
	my @sessions = grep { $_->{MESSAGE} =~ /^session peer=127\.0\.0\.4 / } journal('SYSLOG_IDENTIFIER=smtp-stdio', 'SYSLOG_IDENTIFIER=pop3-stdio');
	is(scalar(grep { $_->{MESSAGE} =~ / tls=yes /} @sessions), 5, 'the journal has five sessions under TLS');
	is(join(' ', map { $_->{PRIORITY} } @sessions), join(' ', (6) x @sessions), 'each with a priority');
};

subtest 'LMTP' => sub {
	inside_ok('systemctl enable --now lmtp-stdio.socket');
	my $socket = IO::Socket::UNIX->new(Peer => path_of('/run/mail-stdio/lmtp')) or die "no connection: $!\n";
	like(talk($socket, $greeting, message('lmtp', lmtp => 1)), qr/^250 2\.0\.0 .*\r\n221 $line\z/m, 'mail is taken by the Unix socket');
	is(scalar(with_subject('lmtp')), 1, 'and is there');
};

subtest 'whatever is asked for, a unit lets it be done' => sub {
	# More recipients, and mailboxes, than a session may have files open
	inside_ok("for n in \$(seq 100); do mailstore add -n u\$n\@example.com; done\n" .
		"mailstore add -n all\@example.com; mailstore forward all\@example.com \$(seq -f u%.0f\@example.com 100)\n" .
		'mailstore quota bob@example.com 500m');
	my $chunk = ("x" x 998 . "\r\n") x 4000;
	my $all = talk(connect_from('127.0.0.6', 25), $greeting,
		["EHLO client.example\r\n", qr/^250 $line\z/m],
		["MAIL FROM:<bob\@example.com> SIZE=8000000 SMTPUTF8 BODY=8BITMIME RET=HDRS ENVID=1\r\n", qr/^250 $line\z/],
		(map { ["RCPT TO:<u$_\@example.com> NOTIFY=SUCCESS\r\n", qr/^250 $line\z/] } 1 .. 100),
		["RCPT TO:<all\@example.com>\r\n", qr/^250 $line\z/],
		['BDAT ' . length($chunk) . "\r\n$chunk", qr/^250 $line\z/],
		['BDAT ' . length($chunk) . " LAST\r\n$chunk", qr/^$line\z/],
		["QUIT\r\n", qr/^221 $line\z/]);
	like($all, $taken, 'a big message to many, and to a forward');
	my @copies = map { stored($mail, "u$_\@example.com") } 1 .. 100;
	is(scalar @copies, 100, 'each has it once');
	is(scalar(grep { (stat)[3] != 100 } @copies), 0, 'and it was written once');
	is(scalar(grep { /^Subject: .*\n(?:.*\n)*(?:Original-)?Envelope-Id: 1$/mi } map { slurp($_) } stored($mail, 'bob@example.com')), 1, 'a report comes');
};

subtest 'an administrator who makes a mistake' => sub {
	my $directory = '/etc/systemd/system/smtp-stdio@.service.d';
	inside_ok("mkdir $directory\nprintf '[Service]\\nExecStart=\\nExecStart=/usr/local/sbin/smtp-stdio -Z\\n' >$directory/flags.conf\nsystemctl daemon-reload");
	# More of them than a unit that is started again and again would be allowed
	is(heard(connect_from('127.0.0.5', 25)), '', 'the client hears nothing that is no SMTP') for 1 .. 6;
	is(scalar(grep { $_->{MESSAGE} =~ /^unknown flag.*Z/ } journal('SYSLOG_IDENTIFIER=smtp-stdio')), 6, 'the journal says what is wrong');
	ok(until_true(sub { !instances('smtp-stdio') }), 'no unit that has failed stays');
	inside_ok("rm -r $directory\nsystemctl daemon-reload");
	serves_as_ever('mended');
};

subtest 'the journal' => sub {
	my @all = journal();
	my @ours = grep { ($_->{SYSLOG_IDENTIFIER} // '') =~ /^(?:smtp|pop3)-stdio$/ } @all;
	is(join("\n", map { $_->{MESSAGE} } grep { $_->{MESSAGE} =~ /confinement/ } @ours), '', 'every program could confine itself');
	is(join("\n", map { $_->{MESSAGE} } grep { $_->{PRIORITY} < 6 } @ours), '', 'nothing is amiss');
	my @delivered = grep { $_->{MESSAGE} =~ /^(?:delivery .* to=bob\@.* status=250|report .*to=bob\@)/ } @ours;
	is(scalar @delivered, 1 + stored($mail, 'bob@example.com'), 'as many lines of deliveries as messages');
};

subtest 'when the machine boots again' => sub {
	is(power_off(), 0, 'it goes down in order');
	boot();
	my @before = stored($mail, 'bob@example.com');
	serves_as_ever('booted again');
	is(scalar(stored($mail, 'bob@example.com')), @before + 1, 'and the mail is there');
	power_off();
};

done_testing();
