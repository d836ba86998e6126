# The configurations of stunnel that are installed: each serves what it is for once it has
# the path of a certificate, without privileges, and takes nothing but TLS 1.2 with forward
# secrecy and authenticated encryption, and TLS 1.3.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 qw(encode_base64);
use Test::More;
use PeerTest;

need('systemd-socket-activate' => 'systemd', stunnel => 'stunnel4', openssl => 'openssl');

my $line = qr/[^\r\n]*\r\n/;
my $dir = scratch_dir();
my ($key, $trusted) = certificate();
my $root = give_away(mail_root('bob@example.com'));

{
	# The programs of this very build
	local $ENV{MAKEFLAGS} = 'BUILD=' . ($ENV{BUILD} || 'build') . ($ENV{SANITIZED} ? ' SANITIZE=1' : '');
	my ($status, $out, $error) = run(['make', 'install', "PREFIX=$dir/usr", "SYSCONFDIR=$dir/etc"], seconds => 300);
	is($status, 0, 'make install') or BAIL_OUT($out . $error);
}
my $examples = "$dir/usr/share/doc/mail-stdio";
my $sbin = "$dir/usr/sbin";

my $plain = 'AUTH PLAIN ' . encode_base64("\0bob\@example.com\0secret", '');
my @mail = ('EHLO client.example', $plain, 'MAIL FROM:<bob@example.com>', 'RCPT TO:<bob@example.com>',
	'DATA', "Subject: hello\r\n\r\nhello\r\n.", 'QUIT');
my $mail_is_taken = qr/^235 2\.7\.0 ${line}250 2\.1\.0 ${line}250 2\.1\.5 ${line}354 ${line}250 2\.0\.0 ${line}221 $line\z/m;

# Each configuration: who runs it, as the supervisor sees it; the client's protocol for
# STARTTLS, where there is any; a session, and how it ends.
my %configurations = (
	smtp => { run => ["$sbin/smtp-stdio", '-T'], starttls => 'smtp', say => \@mail, hear => $mail_is_taken },
	submission => { run => ["$sbin/smtp-stdio", '-a', '-T'], starttls => 'smtp',
		say => ['EHLO client.example', 'MAIL FROM:<a@example.org>', @mail],
		hear => qr/^530 5\.7\.0 $line(?:250.$line)+$mail_is_taken/m },
	submissions => { run => [],
		say => ['EHLO client.example', 'MAIL FROM:<a@example.org>', @mail],
		hear => qr/\A220 $line(?:250.$line)+530 5\.7\.0 $line(?:250.$line)+$mail_is_taken/m },
	pop3 => { run => ["$sbin/pop3-stdio", '-T'], starttls => 'pop3',
		say => ['USER bob@example.com', 'PASS secret', 'STAT', 'QUIT'], hear => qr/^(?:\+OK $line){2}\+OK 3 \d+\r\n\+OK $line\z/m },
	pop3s => { run => [],
		say => [$plain, 'STAT', 'QUIT'], hear => qr/\A(?:\+OK $line){2}\+OK 3 \d+\r\n\+OK $line\z/ },
);

# Starts what an installed file describes; nothing in it is changed but the certificate's path.
sub start_with
{
	my ($name) = @_;
	my $file = spew("$dir/stunnel-$name.conf", slurp("$examples/stunnel-$name.conf") =~ s{\Q$dir\E/etc/mail-stdio/tls\.pem}{$key}gr);
	chmod 0755, $file;
	return start_on_loopback({ as => [unprivileged()], environment => ["MAILROOT=$root"] }, $configurations{$name}{run}->@*, $file);
}

sub s_client
{
	my ($port, $how, @lines) = @_;
	return run(['openssl', 's_client', '-connect', "127.0.0.1:$port", '-CAfile', $trusted, '-verify_return_error', @$how],
		input => join('', map { "$_\r\n" } @lines));
}

is(join(' ', sort map { m{/stunnel-(.*)\.conf$} } glob "$examples/*"), join(' ', sort keys %configurations), 'there is one for each service');
ok(-f "$dir/etc/fail2ban/filter.d/mail-stdio.conf", 'and a filter for fail2ban');

# The mail that the first three take is what the others see
for my $name (qw(smtp submission submissions pop3 pop3s)) {
	subtest "stunnel-$name.conf" => sub {
		my $text = slurp("$examples/stunnel-$name.conf");
		ok(-x "$examples/stunnel-$name.conf", 'is a command');
		unlike($text, qr/\@[A-Z]+\@/, 'has nothing left to be filled in');
		my ($port, $pid) = start_with($name);
		my $c = $configurations{$name};
		my ($status, $out, $error) = s_client($port,
			['-quiet', $c->{starttls} ? ('-starttls', $c->{starttls}) : ()], $c->{say}->@*);
		is($status, 0, 'shakes hands') or diag($error);
		like($out, $c->{hear}, 'serves');
		stop($pid);
	};
}

# From here on it does not matter which; this one greets, so that a session can be seen
my ($port, $pid, $log) = start_with('pop3s');
my @weak = ('-cipher', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0');

# Each offer, in the words of openssl; what comes of it.  What the client itself cannot do
# would look like a refusal: so it is an alert of the server's that has to be seen.
for (
	['TLS 1.0', ['-tls1', @weak], qr/alert protocol version/],
	['TLS 1.1', ['-tls1_1', @weak], qr/alert protocol version/],
	['TLS 1.2 without forward secrecy', ['-tls1_2', '-cipher', 'AES128-GCM-SHA256:AES256-GCM-SHA384'], qr/alert handshake failure/],
	['TLS 1.2 with CBC', ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0'], qr/alert handshake failure/],
	['TLS 1.2 with CBC and without forward secrecy', ['-tls1_2', '-cipher', 'AES128-SHA:AES256-SHA256:@SECLEVEL=0'], qr/alert handshake failure/],
	['TLS 1.2 with finite-field groups', ['-tls1_2', '-cipher', 'DHE-RSA-AES128-GCM-SHA256'], qr/alert handshake failure/],
	['TLS 1.2 without authentication', ['-tls1_2', '-cipher', 'aNULL:eNULL:@SECLEVEL=0'], qr/alert handshake failure/],
	['TLS 1.3 with a short tag', ['-tls1_3', '-ciphersuites', 'TLS_AES_128_CCM_8_SHA256'], qr/alert handshake failure/],
	['TLS 1.3 with finite-field groups', ['-tls1_3', '-groups', 'ffdhe2048'], qr/alert handshake failure/],
	['TLS 1.2 with another curve', ['-tls1_2', '-groups', 'P-521'], qr/alert handshake failure/],
	(map { ["TLS 1.2 with $_", ['-tls1_2', '-cipher', $_], qr/^New, TLSv1\.2, Cipher is $_$/m] }
		qw(ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305)),
	(map { ["TLS 1.3 with $_", ['-tls1_3', '-ciphersuites', $_], qr/^New, TLSv1\.3, Cipher is $_$/m] }
		qw(TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256)),
	(map { ["key exchange with $_", ['-groups', $_], qr/^Server Temp Key: (?:X25519|ECDH, prime256v1|ECDH, secp384r1), /m] }
		qw(X25519 P-256 P-384)),
) {
	my ($name, $how, $seen) = @$_;
	my (undef, $out, $error) = s_client($port, $how);
	like($out . $error, $seen, $seen =~ /alert/ ? "refused: $name" : "taken: $name");
	unlike($out, qr/^\+OK /m, 'and nothing was served') if $seen =~ /alert/;
}

for ('-tls1_2', '-tls1_3') {
	my (undef, $out) = s_client($port, [$_, '-ign_eof'], 'QUIT');
	like($out, qr/^\+OK .*^\+OK /ms, "$_: a whole session");
	like($out, qr/^Compression: NONE$/m, "$_: no compression");
	unlike($out, qr/session ticket|^New Session Ticket|NewSessionTicket/im, "$_: no ticket");
	(undef, $out) = s_client($port, [$_, '-reconnect']);
	is(scalar(() = $out =~ /^New, /mg), 6, "$_: each connection begins anew");
	unlike($out, qr/^Reused, /m, "$_: nothing is resumed");
}

# A line "R" makes openssl's client renegotiate
my (undef, $out, $error) = s_client($port, ['-tls1_2', '-crlf', '-no_ign_eof'], 'R');
like($out . $error, qr/^RENEGOTIATING$/m, 'a client wants to renegotiate');
like($error, qr/no renegotiation|unexpected record/, 'and must not');
stop($pid);

done_testing();
