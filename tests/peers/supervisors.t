# Every supervisor that can start a program for a connection can start ours, whatever it
# makes of descriptors, environment and signals: a message goes in and comes out, the
# peer's address is known, and nothing but SMTP or POP3 is on the wire.  The last is not
# a matter of course: under xinetd and inetd descriptor 2 is the connection, too.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

my $text = "From: a\@example.org\nSubject: hello\n\nThrough a supervisor.\n";
my $line = qr/[^\r\n]*\r\n/;
my $ok = qr/\A\+OK${line}\z/;

for (supervisors()) {
	my ($supervisor, $package) = @$_;
	my ($command) = split / /, $supervisor;

	subtest_with { $command => $package }, $supervisor => sub {
		my $root = mail_root('bob@example.com');
		my ($smtp, $smtp_pid) = start_supervisor($supervisor,
			program('smtp-stdio'), '-d', $root, '-h', 'mail.example.com');
		my ($pop3, $pop3_pid) = start_supervisor($supervisor,
			program('pop3-stdio'), '-p', '-d', $root, '-h', 'mail.example.com');
		ok($smtp && $pop3, 'both listen') or return;

		my $wire = session($smtp, qr/\A220 $line\z/,
			["EHLO client.example\r\n", qr/^250 $line\z/m],
			["MAIL FROM:<a\@example.org>\r\n", qr/\r\n\z/],
			["RCPT TO:<bob\@example.com>\r\n", qr/\r\n\z/],
			["DATA\r\n", qr/\r\n\z/],
			[join("\r\n", split(/\n/, $text), '.', ''), qr/\r\n\z/],
			["QUIT\r\n", qr/\r\n\z/]);
		like($wire, qr/\A220 mail\.example\.com $line(?:250-$line)*250 ${line}250 2\.1\.0 ${line}250 2\.1\.5 ${line}354 ${line}250 2\.0\.0 ${line}221 2\.0\.0 ${line}\z/,
			'nothing but SMTP on the wire');

		my ($file) = stored($root, 'bob@example.com');
		ok($file, 'the message is there') or return;
		like(slurp($file), qr/^Received: from client\.example \(\S+ \[127\.0\.0\.1\]\)/m,
			'the address of the peer is known: smtp-stdio-peer');
		is(text_of(slurp($file)), $text, 'the text is what was sent');

		$wire = session($pop3, $ok,
			["USER bob\@example.com\r\n", $ok],
			["PASS secret\r\n", $ok],
			["RETR 1\r\n", qr/^\.\r\n\z/m],
			["DELE 1\r\n", $ok],
			["QUIT\r\n", $ok]);
		like($wire, qr/\A(?:\+OK$line){4}Return-Path: .*\r\n\.\r\n(?:\+OK$line){2}\z/s,
			'nothing but POP3 on the wire');
		my ($message) = $wire =~ /^(Return-Path: .*)^\.\r\n/ms;
		is(text_of($message || ''), $text, 'the message came out');
		is(scalar(stored($root, 'bob@example.com')), 0, 'and is gone');

		# tcpserver and the like end on TERM; what matters is that the sessions above are over
		stop($_) for $smtp_pid, $pop3_pid;
		is(join(', ', map { alive_in_session($_) } $smtp_pid, $pop3_pid), '',
			'no process is left');
	};
}

done_testing();
