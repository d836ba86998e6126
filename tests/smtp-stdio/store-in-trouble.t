# A limit on the size of files, and a mail root that is damaged: the client is told to come
# again, nothing is left of the message, and the session goes on.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $big = 'x' x 78 . "\r\n";
my $session = "EHLO client.example\r\n"
    . "MAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\n" . $big x 10000 . ".\r\n"
    . "MAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\nsmall\r\n.\r\nQUIT\r\n";
my $replies = qr/^354 [^\n]*\n452 4\.3\.1 [^\n]*\n250 2\.1\.0 [^\n]*\n250 2\.1\.5 [^\n]*\n354 [^\n]*\n250 2\.0\.0 [^\n]*\n221 /m;

# EFBIG: what a resource limit says.
my $root = new_root('bob@example.com');
my ($output, $status) = run($session,
    [ '/bin/sh', '-c', 'ulimit -f 200 && exec "$@"', 'sh', program('smtp-stdio'), '-d', $root ]);
like($output, $replies, 'over the limit for files: 452 4.3.1, and the next message is taken'); ## smtp-5321-4.3.2-452
is($status, 0, 'status 0');
my @paths = messages($root, 'bob@example.com');
is(scalar(@paths), 1, 'only the small one is there'); ## smtp-5321-4.3.2-452 smtp-5321-4.2.5-b
is(scalar(files_below("$root/mail")) - scalar(@paths), 0, 'and nothing else is left'); ## smtp-5321-4.3.2-452

# A mail root whose .incoming cannot be: neither the client's fault nor for ever.
$root = new_root('bob@example.com');
system 'rm', '-rf', "$root/mail";
open my $file, '>', "$root/mail";
close $file;
($output, $status) = run("HELO client.example\r\nMAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\n"
    . "text\r\n.\r\nQUIT\r\n", [ program('smtp-stdio'), '-d', $root ]);
like($output, qr/^4[25]1 /m, 'a store in trouble is a failure of the moment'); ## smtp-5321-4.3.2-451
unlike($output, qr/^250 2\.0\.0/m, 'and no message is taken'); ## smtp-5321-4.2.5-a

# One that gets into trouble in mid-session, and chunks: what is in them is no command, whatever
# becomes of them, and what follows the first is not the beginning of another message.
for my $case ([ 'EHLO' ], [ 'LHLO', '-l' ]) {
	my ($hello, @flags) = @$case;
	$root = new_root('bob@example.com');
	my $client = Program->start(command => [ program('smtp-stdio'), '-d', $root, @flags ]);
	my $envelope = "MAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\n";
	$client->reply;
	$client->ask($_) for "$hello client.example", 'RSET';
	system 'rm', '-rf', "$root/mail/.incoming";
	$client->send("${envelope}BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nVRFY x\r\nRSET\r\n${envelope}BDAT 6 LAST\r\nQUIT\r\nVRFY x\r\nQUIT\r\n");
	my $codes = join ' ', $client->rest =~ /^(\d\d\d) /mg;
	is($codes, '250 250 451 503 252 250 250 250 451 252 221', "$hello: chunks are refused one by one"); ## smtp-3030-2-b smtp-3030-2-g
	is($client->status, 0, 'and the session goes on to its end');
}

done_testing;

sub files_below {
	my ($directory) = @_;
	my ($list) = run('', [ 'find', $directory, '-type', 'f' ]);
	return grep { !/pop3-lock$/ } split /\n/, $list;
}
