# A mailbox with a name in UTF-8, from RCPT to RETR; and no octet beyond ASCII in a reply,
# whatever the client sent.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my @addresses = ('björn@example.com', '用户@例え.example', '"Jürgen Ö. \"J\""@bücher.example', 'دعم@مثال.example', '😀+😀@example.com');
my @accounts = ('björn@example.com', '用户@例え.example', 'Jürgen Ö. "J"@bücher.example', 'دعم@مثال.example', '😀@example.com');
my $root = new_root(map { [ $_, 'pässwörd' ] } @accounts);
my $message = "From: señor <señor\@client.example>\r\nTo: 用户\r\nSubject: größer\r\n\r\n\xff\xfe Grüße\r\n..x\r\n";

for my $number (0 .. $#addresses) {
	my ($address, $account) = ($addresses[$number], $accounts[$number]);
	(my $mailbox = $account) =~ tr/A-Z/a-z/;
	my ($output, $status) = run(join('', map { "$_\r\n" } 'EHLO clïent.example', 'MAIL FROM:<señor@client.example> SMTPUTF8 BODY=8BITMIME',
	    "RCPT TO:<$address>", "RCPT TO:<nobödy\@example.com>", "RCPT TO:<ö\@ö.example>", 'RCPT TO:<ö>', 'VRFY ö SMTPUTF8', 'EXPN ö', 'ÖÖÖ', 'NOOP ö', 'HELP ö',
	    'DATA') . dot_stuffed($message) . ".\r\nQUIT\r\n", [ program('smtp-stdio'), '-d', $root ]);
	like($output, qr/^250 2\.1\.0 [^\n]*\n250 2\.1\.5 [^\n]*\n550 5\.1\.1 [^\n]*\n550 5\.7\.1 [^\n]*\n501 5\.1\.3 [^\n]*\n252 2\.0\.0 [^\n]*\n502 [^\n]*\n500 [^\n]*\n250 [^\n]*\n214 [^\n]*\n354 [^\n]*\n250 2\.0\.0 [^\n]*\n221 /m,
	    "$address: taken"); ## smtp-6531-3.3
	unlike($output, qr/[^\r\n\x20-\x7e]/, "$address: replies are ASCII"); ## smtp-6531-3.7 smtp-5321-4.2-d
	is(scalar(messages($root, $mailbox)), 1, "$address: delivered"); ## smtp-6531-3.3

	($output, $status) = run("USER $account\r\nPASS pässwörd\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n", [ program('pop3-stdio'), '-d', $root, '-p' ]);
	my $stuffed = dot_stuffed($message);
	like($output, qr/\r\n\tfor <\Q$address\E>;\r\n\t[^\n]*\n\Q$stuffed\E\.\r\n/, "$address: fetched as it came"); ## pop3-roundtrip pop3-6856-2.2
	like($output, qr/^Return-Path: <señor\@client\.example>\r\n/m, "$address: and from whom"); ## smtp-5321-4.4-e
	is(scalar(messages($root, $mailbox)), 0, "$address: and removed");
}
done_testing;
