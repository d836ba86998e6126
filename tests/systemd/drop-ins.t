# The drop-ins of smtp-stdio(8), as they stand there, with the units that are shipped: a
# filter has what it needs and a session is locked in all the same, mail is kept elsewhere,
# and the socket for LMTP is another user's.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;
use Booted;
use Manual;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need_machine();

my $line = qr/[^\r\n]*\r\n/;
my $root = installed_root();
boot();
inside_ok('mailstore add bob@example.com', input => "secret\n");
inside_ok('systemctl enable --now smtp-stdio.socket');

# What comes for a message with this body.
sub reply_to
{
	my ($body) = @_;
	my $said = talk(connect_from('127.0.0.2', 25), qr/\A220 $line\z/,
		["EHLO client.example\r\n", qr/^250 $line\z/m],
		["MAIL FROM:<a\@example.org>\r\n", qr/^250 $line\z/],
		["RCPT TO:<bob\@example.com>\r\n", qr/^250 $line\z/],
		["DATA\r\n", qr/^354 $line\z/],
		["Subject: hello\r\n\r\n$body\r\n.\r\n", qr/^$line\z/],
		["QUIT\r\n", qr/^221 $line\z/]);
	return $said =~ /^354 $line($line)/m ? $1 : $said;
}

# Runs the code while the unit has this drop-in.
sub with_drop_in
{
	my ($unit, $text, $code) = @_;
	my $directory = "/etc/systemd/system/$unit.d";

	mkdir path_of($directory);
	spew(path_of("$directory/local.conf"), $text);
	inside_ok('systemctl daemon-reload');
	$code->();
	inside_ok("rm -r '$directory'\nsystemctl daemon-reload");
}

# A filter that wants an interpreter, programs, a server on this host, and too much
my $filter = <<'FILTER';
#!/bin/sh
grep -q '^bad$' && { echo 'Not that' >&2; exit 65; }
curl -sf -m 20 -o /dev/null http://127.0.0.1:8025/ || exit 75
for path in /etc/shadow /etc/mail-stdio /home /root/.profile /proc/1/environ; do
	! cat $path >/dev/null 2>&1 || exit 65
done
! touch /usr/local/sbin/smtp-stdio /etc/hosts 2>/dev/null || exit 65
for directory in /tmp /var/tmp /dev/shm; do
	cp /bin/true $directory/copy || exit 75
	! $directory/copy 2>/dev/null || exit 65
done
FILTER
my $server = <<'SERVER';
use IO::Socket::INET;
my $listen = IO::Socket::INET->new(LocalAddr => "127.0.0.1:8025", Listen => 9, ReuseAddr => 1) or die;
while (my $client = $listen->accept) {
	sysread $client, my $request, 4096;
	print $client "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n";
}
SERVER

my ($with_filter) = grep { /^ +-f /m } displays('smtp-stdio', "[Service]\nExecStart=\n");
with_drop_in('smtp-stdio@.service', $with_filter, sub {
	my ($path) = $with_filter =~ /-f (\S+)/;
	inside_ok('mkdir -p /usr/local/libexec');
	chmod 0755, spew(path_of($path), $filter);
	my $pid = start("$root/../server.log", $^X, '-e', $server);
	ok(wait_for_port(8025), 'there is a server to ask');
	like(reply_to('good'), qr/^250 2\.0\.0 /, 'a filter lets a message in, and can read and write nothing that is not for it');
		is(reply_to('bad'), "550 5.7.1 Not that\r\n", 'and keeps one out');
	stop($pid);
	like(reply_to('good'), qr/^451 4\.3\.0 /, 'and without the server it cannot tell');
});
like(reply_to('bad'), qr/^250 2\.0\.0 /, 'without the drop-in there is no filter');

inside_ok('install -d -o mail-stdio -m 700 /srv/mail; mailstore -d /srv/mail add bob@example.com', input => "secret\n");
with_drop_in('smtp-stdio@.service', display('smtp-stdio', "[Service]\nEnvironment=MAILROOT="), sub {
	like(reply_to('elsewhere'), qr/^250 2\.0\.0 /, 'mail is taken for a mail root elsewhere');
	is(scalar(stored(path_of('/srv/mail'), 'bob@example.com')), 1, 'and is there');
});

inside_ok('useradd --system postfix');
with_drop_in('lmtp-stdio.socket', display('smtp-stdio', "[Socket]\nSocketUser="), sub {
	inside_ok('systemctl start lmtp-stdio.socket');
	is(inside_ok('stat -c "%U %a" /run/mail-stdio/lmtp'), "postfix 600\n", 'the socket for LMTP is for this user alone');
});

done_testing();
