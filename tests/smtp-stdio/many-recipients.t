# A thousand recipients a message by default, and one file whatever their number.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $root = new_root('bob@example.com', 'alice@example.com');
my $client = start('smtp-stdio', $root, [ '-c' ], wire => 'socket');
$client->reply;
$client->ask('EHLO client.example');

$client->ask('MAIL FROM:<sender@client.example>');
$client->send(join '', map { "RCPT TO:<bob+$_\@example.com>\r\n" } 1 .. 1000);
is(scalar(grep { !/^250 2\.1\.5 / } map { $client->reply } 1 .. 1000), 0, 'a thousand are taken'); ## smtp-5321-4.5.3.1.8
like($client->ask('RCPT TO:<alice@example.com>'), qr/^452 4\.5\.3 /, 'the next is not'); ## smtp-5321-4.5.3.1.10
like($client->ask('DATA'), qr/^354 /, 'those before stay good'); ## smtp-5321-4.5.3.1.10
like($client->ask("text\r\n."), qr/^250 2\.0\.0 /, 'the message is taken');
is(scalar(messages($root, 'bob@example.com')), 1, 'and there once, for they are all the same'); ## smtp-5321-4.1.1.3-h
is(scalar(messages($root, 'alice@example.com')), 0, 'and not with the one past the limit'); ## smtp-5321-4.5.3.1.10

$client->ask('MAIL FROM:<sender@client.example>');
$client->send(join '', map { "RCPT TO:<user$_\@example.com>\r\n" } 1 .. 100);
is(scalar(grep { !/^250 2\.1\.5 / } map { $client->reply } 1 .. 100), 0, 'a hundred different ones are taken'); ## smtp-5321-4.5.3.1.8
$client->ask('DATA');
like($client->ask("text\r\n."), qr/^250 2\.0\.0 /, 'the message is taken'); ## smtp-5321-4.5.3.1.8
my @paths = map { messages($root, "user$_\@example.com") } 1 .. 100;
is(scalar(@paths), 100, 'each has it'); ## smtp-5321-4.1.1.4-f
my %inodes = map { join(':', (stat)[0, 1]) => 1 } @paths;
is(scalar(keys %inodes), 1, 'it is one file'); ## smtp-stdio-store-b
is((stat $paths[0])[3], 100, 'with a link for each, and none left elsewhere'); ## smtp-stdio-store-b smtp-stdio-store-c
my %names = map { m{([^/]+)$} ? ($1 => 1) : () } @paths;
is(scalar(keys %names), 1, 'under one name');

like($client->ask('QUIT'), qr/^221 /, 'QUIT');
is($client->status, 0, 'status 0');
done_testing;
