# smtp-send and smtp-stdio with TLS between them that neither knows of: openssl for the one,
# stunnel for the other, with STARTTLS and from the first octet on.
use strict;
use warnings;
use lib 'tests/lib';
use MIME::Base64 ();
use PeerTest;
use SendTest;
use Test::More;

need(openssl => 'openssl', stunnel4 => 'stunnel4', 'systemd-socket-activate' => 'systemd');

my $bob = 'bob@example.com';
my $root = give_away(mail_root($bob));
my ($key, $certificate) = certificate();
my $smtp = program_for_all('smtp-stdio');
my @login = ('-f', $bob, '-u', $bob, '-w', own_file("secret\n"));
my $file = join('', map { chr } 0 .. 255) x 3000;
my $attachment = own_file($file, 'file.bin');

for (['STARTTLS', ['-starttls', 'smtp'], $smtp, '-a', '-T', 'stunnel4 ' . stunnel_to_stderr($key, $smtp, '-a', '-s', '-g')],
		['TLS from the start', [], 'stunnel4', stunnel_to_stderr($key, $smtp, '-a', '-s')]) {
	my ($name, $starttls, @program) = @$_;
	my ($port, $pid, $log) = start_on_loopback({ as => [unprivileged()], environment => ["MAILROOT=$root"] }, @program);
	my @tls = ('--', 'openssl', 's_client', '-quiet', '-verify_quiet', '-verify_return_error', '-CAfile', $certificate,
		'-verify_hostname', 'localhost', @$starttls, '-connect', "127.0.0.1:$port");

	subtest $name => sub {
		my ($status, $said) = smtp_send("A file for you.\n", [@login, '-s', 'file', '-A', $attachment, $bob, @tls]);
		# openssl says things of its own on standard error
		ok($status eq '0' && $said !~ /^smtp-send/m, 'sent') or return diag("status $status\n", $said, slurp($log));
		my ($path, @more) = stored($root, $bob);
		ok(defined $path && !@more, 'delivered');
		my $message = slurp($path || '/dev/null');
		unlink $path;
		like($message, qr/^\tby \S+ with ESMTPSA id /m, 'by TLS, with a login');
		my ($base64) = $message =~ /filename="file\.bin"\n.*?\n\n(.*?)\n\n--/s;
		ok(MIME::Base64::decode_base64($base64 // '') eq $file, 'octet for octet'); ## smtp-send-where-b

		# A message of lines that openssl's own commands begin with, larger than any buffer
		my $text = "Subject: x\n\n" . "Q\nR\n.\nB\nK\n" x 20000;
		($status, $said) = smtp_send($text, [@login, $bob, @tls]);
		is($status, 0, 'lines that openssl might take for commands') or diag($said);
		($path) = stored($root, $bob);
		# -a has added two fields
		like(slurp($path || '/dev/null'), qr/\n\n\Q${\substr $text, 12}\E\z/, 'arrive as they were');
		unlink $path if $path;

		($status, $said) = smtp_send("x\n", [@login[0, 1], $bob, @tls]);
		is($status, 69, 'without a login it is refused');
		like($said, qr/^smtp-send: .* with 530 5\.7\.0 /m, 'and that is told');
		my @other = map { $_ eq 'localhost' ? 'mail.example.net' : $_ } @tls;
		($status, $said) = smtp_send("x\n", [@login, $bob, @other]);
		is($status, 75, 'a certificate for somebody else: no connection') or diag($said);
		unlike($said, qr/secret/, 'and no password');
		is(scalar stored($root, $bob), 0, 'nothing else is delivered');
	};
	stop($pid);
}
done_testing();
