# The word behind "with" in Received: all that RFC 3848 and RFC 6531 have for a session
# with and without LMTP, TLS, a login and SMTPUTF8.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use MIME::Base64 qw(encode_base64);

my @cases = (
	# LMTP, TLS, login, SMTPUTF8
	[ 'ESMTP',       0, 0, 0, 0 ],
	[ 'ESMTPA',      0, 0, 1, 0 ],
	[ 'ESMTPS',      0, 1, 0, 0 ],
	[ 'ESMTPSA',     0, 1, 1, 0 ],
	[ 'UTF8SMTP',    0, 0, 0, 1 ],
	[ 'UTF8SMTPA',   0, 0, 1, 1 ],
	[ 'UTF8SMTPS',   0, 1, 0, 1 ],
	[ 'UTF8SMTPSA',  0, 1, 1, 1 ],
	[ 'LMTP',        1, 0, 0, 0 ],
	[ 'LMTPA',       1, 0, 1, 0 ],
	[ 'LMTPS',       1, 1, 0, 0 ],
	[ 'LMTPSA',      1, 1, 1, 0 ],
	[ 'UTF8LMTP',    1, 0, 0, 1 ],
	[ 'UTF8LMTPA',   1, 0, 1, 1 ],
	[ 'UTF8LMTPS',   1, 1, 0, 1 ],
	[ 'UTF8LMTPSA',  1, 1, 1, 1 ],
);

my $login = 'AUTH PLAIN ' . encode_base64("\0björn\@example.com\0secret", '');
for my $case (@cases) {
	my ($word, $lmtp, $tls, $auth, $utf8) = @$case;
	for my $chunks (0, 1) {
		my $root = new_root([ 'björn@example.com', 'secret' ], 'bob@example.com');
		my $to = $utf8 ? 'björn@example.com' : 'bob@example.com';
		my $client = start('smtp-stdio', $root, [ '-p', ($lmtp ? '-l' : ()), ($tls ? '-s' : ()) ]);
		$client->reply;
		$client->ask(($lmtp ? 'LHLO' : 'EHLO') . ' client.example');
		like($client->ask($login), qr/^235 /, "$word: a login with a name in UTF-8") if $auth;
		$client->ask('MAIL FROM:<a@client.example>' . ($utf8 ? ' SMTPUTF8' : ''));
		$client->ask("RCPT TO:<$to>");
		like($chunks ? $client->ask("BDAT 6 LAST\r\ntext") : do { $client->ask('DATA'); $client->ask("text\r\n.") }, qr/^250 2\.0\.0/, "$word: taken");
		$client->ask('QUIT');
		my ($path) = messages($root, $to);
		like(contents($path), qr/\A[^\n]*\nReceived: [^\n]*\n\tby \S+ with $word id \w+\n\tfor <\Q$to\E>;/, "with $word"); ## smtp-6531-4.3 smtp-3848-a
	}
}

# The parameter counts, not what is in the addresses.
my $root = new_root('bob@example.com');
my $session = join '', map { "$_\r\n" } 'EHLO client.example', 'MAIL FROM:<a@client.example> SMTPUTF8', 'RCPT TO:<bob@example.com>', 'DATA', 'text', '.', 'QUIT';
run($session, [ program('smtp-stdio'), '-d', $root ]);
like(contents((messages($root, 'bob@example.com'))[0]), qr/ with UTF8SMTP id /, 'UTF8SMTP also where all addresses are ASCII'); ## smtp-6531-4.3
done_testing;
