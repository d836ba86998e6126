# The units that are shipped, under a systemd that has booted: mail comes in on port 25 and
# goes out on port 110, in clear, by TLS, and by a Unix socket; no source gets more than its
# share; and the journal has one clear line a delivery.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket::UNIX;
use Test::More;
use PeerTest;
use Booted;
use BootedMail;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need(curl => 'curl', mpop => 'mpop', openssl => 'openssl');
need_machine();

my ($key, $certificate) = certificate();
my $root = installed_root($key);
my $mail = "$root/var/lib/mail-stdio";
boot();
inside_ok('mailstore add bob@example.com', input => "secret\n");
inside_ok("systemctl enable --now smtp-stdio.socket pop3-stdio.socket");

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
	ok(until_true(sub {
		grep { $_->{MESSAGE} =~ /^session peer=127\.0\.0\.3 user=bob\@example\.com .*retrieved=1 removed=1 .*end=quit/ }
			journal('SYSLOG_IDENTIFIER=pop3-stdio');
	}), 'the session that fetched it is there, too');
};

subtest 'no source has more than its share' => sub {
	my ($share) = said('systemctl', 'show', '-p', 'MaxConnectionsPerSource', '--value', 'smtp-stdio.socket') =~ /^(\d+)$/;
	ok($share, "which is $share connections");
	my @all = map { connect_from('127.0.0.2', 25) } 1 .. $share + 3;
	my ($served, $closed) = outcomes(@all);
	is($served, $share, 'so many are served');
	is($closed, 3, 'those past it are closed at once');
	like(talk(connect_from('127.0.0.3', 25), $greeting, message('another source')), $taken, 'another source is served meanwhile');
	close $_ for @all;
	serves_as_ever('share');
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
	ok(until_true(sub { !map { instances($_->[0]) } @protected }, 120), 'no session stays');
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

journal_is_clear(1);
is(power_off(), 0, 'the machine goes down in order') or diag(slurp("$root/../nspawn.log"));
done_testing();
